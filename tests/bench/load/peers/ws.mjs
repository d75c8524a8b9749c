// The `ws` package on Node: node ws.mjs PORT MODE
import process from "node:process";
import { WebSocketServer } from "ws";
import { answer } from "./rooms.mjs";

const [port, mode] = process.argv.slice(2);
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(port) });
const members = new Map();

const rooms = {
  join(name, client) {
    if (!members.has(name)) members.set(name, new Set());
    members.get(name).add(client);
    client.on("close", () => members.get(name).delete(client));
  },
  send(name, text) {
    for (const client of members.get(name) ?? []) client.send(text);
  },
  sendToAll(text) {
    for (const client of server.clients) client.send(text);
  },
};

server.on("connection", (client) => {
  if (mode === "connect") client.send("+welcome");
  client.on("message", (data, binary) => {
    // An echo needs no text: the fastest that the package can do.
    if (mode === "echo") return client.send(data, { binary });
    answer(mode, client, data.toString(), rooms);
  });
  client.on("error", () => client.terminate());
});
