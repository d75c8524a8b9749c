// A chat with rooms, and the page to use it. From the checkout:
//
//   deno run -A cli.ts start examples/chat/handler.ts
//
// then open http://127.0.0.1:8383 in two tabs. CHAT_PORT moves the page; CHAT_GATEWAY
// is the host:port it connects to, if that is not port 8282 of the page's own host.
import {
  answerCalls,
  CallError,
  defineHandler,
  type HandlerClient,
} from "@gatewayworker/core";
import { Page } from "../page.ts";
import { chat } from "./contract.ts";
import { Talk } from "./talk.ts";

/** Who is where everybody in the chat sees; what is said stays in its room. */
const EVERYBODY = "chat";

/** Milliseconds in which a page that is loaded again is back. */
const RELOAD = 2_500;

const page = new Page({
  name: "Chat",
  file: new URL("index.html", import.meta.url),
});
let talk: Talk;

/** Remembers nothing: who is here gateways know, talk is in a file, so any worker can go on. */
export default defineHandler({
  presence: { groups: [EVERYBODY], clients: "see", grace: RELOAD },
  start: async () => {
    talk = new Talk();
    await page.open();
  },
  request: answerCalls(chat, {
    enter: async ({ name, room, since, secret }, { client }) => {
      const { room: left, id = await idOf(secret ?? crypto.randomUUID()) } =
        client.session;
      if (left) await client.leaveGroup(`room:${left}`);
      client.session = { id, name, room };
      await client.bindUid(String(id));
      // Said before it joins: whoever sees it come sees its name.
      await client.setPresence({ name: String(name), room: String(room) });
      await client.joinGroup(`room:${room}`);
      await client.joinGroup(EVERYBODY);
      // Read after it has joined: what is said from now on it hears.
      return { id: String(id), ...talk.since(room, since) };
    },
    say: async ({ key, text }, { client }, cluster) => {
      const { id, name, room } = whoIs(client);
      // Kept before it is told: who misses it now is told of it when coming back.
      const said = talk.add({ key, id, name, room, text, time: Date.now() });
      await cluster.notify(chat).group(`room:${said.room}`).said(said);
    },
    typing: async (_none, { client }, cluster) => {
      const { id, room } = whoIs(client);
      await cluster.notify(chat).group(`room:${room}`).typing({ id, room });
    },
  }),
  stop: async () => {
    await page.close();
    talk.close();
  },
});

function whoIs({ session: { id, name, room } }: HandlerClient) {
  if (!room) throw new CallError("enter-first");
  return { id: String(id), name: String(name), room: String(room) };
}

/** What others know somebody by; nobody finds the secret by it. */
async function idOf(secret: string): Promise<string> {
  const bytes = new TextEncoder().encode(secret);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hash.toHex().slice(0, 16);
}
