// A chat with rooms, and the page to use it. From the checkout:
//
//   deno run -A cli.ts start examples/chat/handler.ts
//
// then open http://127.0.0.1:8383 in two tabs. CHAT_PORT moves the page; CHAT_GATEWAY
// is the host:port it connects to, if that is not port 8282 of the page's own host.
import {
  answerCalls,
  CallError,
  type Cluster,
  defineHandler,
  type HandlerClient,
} from "@gatewayworker/core";
import { Page } from "../page.ts";
import { chat } from "./contract.ts";
import { Talk } from "./talk.ts";

/** Who is where goes to everybody in the chat; what is said stays in its room. */
const EVERYBODY = "chat";
const page = new Page({
  name: "Chat",
  file: new URL("index.html", import.meta.url),
});
let talk: Talk;

/** Remembers nothing: people are in the sessions, talk is in a file, so any worker can go on. */
export default defineHandler({
  start: async () => {
    talk = new Talk();
    await page.open();
  },
  request: answerCalls(chat, {
    enter: async ({ name, room, since }, { client }, cluster) => {
      const { room: left, id = crypto.randomUUID() } = client.session;
      if (left) await client.leaveGroup(`room:${left}`);
      client.session = { id, name, room };
      // Stored before the client joins: whoever finds the member must find the name.
      await cluster.setSession(client.id, client.session);
      await client.joinGroup(`room:${room}`);
      await client.joinGroup(EVERYBODY);
      await tellHere(client, cluster);
      const people = await peopleOf(cluster);
      // Read after it has joined: what is said from now on it hears.
      return { id: String(id), people, ...talk.since(room, since) };
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
  // May come back, and has missed nothing then.
  away: ({ client }, cluster) => tellGone(client, cluster),
  close: ({ client }, cluster) => tellGone(client, cluster),
  back: ({ client }, cluster) => tellHere(client, cluster),
  stop: async () => {
    await page.close();
    talk.close();
  },
});

function whoIs({ session: { id, name, room } }: HandlerClient) {
  if (!room) throw new CallError("enter-first");
  return { id: String(id), name: String(name), room: String(room) };
}

async function peopleOf(cluster: Cluster) {
  // A gateway that was just lost has nobody any more: the others' people will do.
  const sessions = await cluster.getClientSessionsByGroup(EVERYBODY, {
    partial: true,
  });
  return Object.fromEntries(
    Object.values(sessions).map(({ id, name, room }) => [
      String(id),
      { name: String(name), room: String(room) },
    ]),
  );
}

async function tellHere(client: HandlerClient, cluster: Cluster) {
  if (!client.session["room"]) return;
  const here = { ...whoIs(client), time: Date.now() };
  await cluster.notify(chat).group(EVERYBODY)
    .here(here, { exclude: client.id });
}

async function tellGone(client: HandlerClient, cluster: Cluster) {
  if (!client.session["room"]) return;
  const gone = { id: whoIs(client).id, time: Date.now() };
  await cluster.notify(chat).group(EVERYBODY)
    .gone(gone, { exclude: client.id });
}
