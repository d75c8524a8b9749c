// deno-lint-ignore-file no-console -- a program: it prints what happens
// Pulls the plug on Socket.IO: Ann and Bob say something 20 times a second each, while
// the process with the chat is killed, and started again at once. Needs server.mjs not
// to run yet.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { io } from "socket.io-client";

async function start() {
  const server = spawn("node", [
    new URL("server.mjs", import.meta.url).pathname,
  ]);
  await once(server.stdout, "data");
  return server;
}

function join(name) {
  const person = { name, said: 0, heard: new Set(), gone: 0, away: undefined };
  const socket = io("ws://127.0.0.1:3000", {
    transports: ["websocket"],
    auth: { name, room: "plug" },
  });
  socket.on("said", (said) => {
    if (said.name !== name && /^\d+$/.test(said.text)) {
      person.heard.add(said.text);
    }
  });
  socket.on("disconnect", () => person.away ??= performance.now());
  socket.on("connect", () => {
    if (person.away) person.gone += performance.now() - person.away;
    person.away = undefined;
  });
  person.socket = socket;
  return person;
}

let server = await start();
const people = [join("Ann"), join("Bob")];
await Promise.all(people.map(({ socket }) => once(socket, "connect")));
const talking = setInterval(() => {
  for (const person of people) person.socket.emit("say", `${++person.said}`);
}, 50);
await pause(1_500);
console.log(`kill -9 ${server.pid}    (Socket.IO, with the chat)`);
server.kill("SIGKILL");
await once(server, "exit");
server = await start();
await pause(8_000);
clearInterval(talking);
await pause(500);
const [ann, bob] = people;
for (const [one, other] of [[ann, bob], [bob, ann]]) {
  const missing = other.said - one.heard.size;
  console.log(
    `${one.name} lost the connection, and was back after ${
      (one.gone / 1_000).toFixed(1)
    } s; of what the other said ${missing} are missing`,
  );
  one.socket.disconnect();
}
server.kill();
