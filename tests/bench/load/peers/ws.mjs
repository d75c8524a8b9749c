// The `ws` package on Node: node ws.mjs PORT MODE [CERTIFICATE KEY]
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import process from "node:process";
import { WebSocketServer } from "ws";
import { answer } from "./rooms.mjs";

const [port, mode, cert, key] = process.argv.slice(2);
const door = cert === undefined
  ? http.createServer()
  : https.createServer({ cert: readFileSync(cert), key: readFileSync(key) });
const server = new WebSocketServer({ server: door });
door.listen({ host: "127.0.0.1", port: Number(port), backlog: 511 });
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
