// A chat with rooms, and the page to use it. From the checkout:
//
//   deno run -A cli.ts start examples/chat/handler.ts
//
// then open http://127.0.0.1:8383 in two tabs. CHAT_PORT moves the page; CHAT_GATEWAY
// is the host:port it connects to, if that is not port 8282 of the page's own host.
import type { Cluster, HandlerClient, HandlerEvent } from "@gatewayworker/core";
import { decode, encode, type Enter } from "./message.ts";
import { Page } from "../page.ts";

/** Who is where goes to everybody in the chat; what is said stays in its room. */
const EVERYBODY = "chat";
const page = new Page({
  name: "Chat",
  file: new URL("index.html", import.meta.url),
});

/** Remembers nothing: names and rooms are in the sessions, so any worker can go on. */
export default function handle(event: HandlerEvent, cluster: Cluster) {
  switch (event.type) {
    case "start":
      return page.open();
    case "message":
      return receive(event.text(), event.client, cluster);
    case "away": // May come back, and has missed nothing then.
    case "close":
      return tellGone(event.client, cluster);
    case "back":
      return tellHere(event.client, cluster);
    case "stop":
      return page.close();
    default:
      return undefined; // After "connect", the page introduces itself with "enter".
  }
}

function receive(json: string, client: HandlerClient, cluster: Cluster) {
  const message = decode(json);
  if (message.type === "invalid") return encode("error", message);
  if (message.type === "enter") return enter(message, client, cluster);
  const { id, session: { name, room } } = client;
  if (!room) return encode("error", { reason: "Enter a room first" });
  const told = encode(message.type, { ...message, id, name, room });
  return cluster.sendToGroup(`room:${room}`, told);
}

async function enter(
  { name, room }: Enter,
  client: HandlerClient,
  cluster: Cluster,
) {
  const { id, session: { room: left } } = client;
  if (left) await client.leaveGroup(`room:${left}`);
  client.session = { name, room };
  // Stored before the client joins: whoever finds the member must find the name.
  await cluster.setSession(id, client.session);
  await client.joinGroup(`room:${room}`);
  await client.joinGroup(EVERYBODY);
  const people = await cluster.getClientSessionsByGroup(EVERYBODY);
  client.send(encode("welcome", { id, room, people }));
  await tellHere(client, cluster);
}

function tellHere({ id, session: { name, room } }: HandlerClient, to: Cluster) {
  if (!room) return;
  return to.sendToGroup(EVERYBODY, encode("here", { id, name, room }), [id]);
}

function tellGone({ id }: HandlerClient, cluster: Cluster) {
  return cluster.sendToGroup(EVERYBODY, encode("gone", { id }), [id]);
}
