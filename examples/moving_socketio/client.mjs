// deno-lint-ignore-file no-console -- a program: it prints what happens
// Ann and Bob in the chat of server.mjs: prints what Ann hears.
import { io } from "socket.io-client";

const join = (name) =>
  io("ws://127.0.0.1:3000", {
    transports: ["websocket"],
    auth: { name, room: "tea" },
  });

const ann = join("ann");
const heard = (text) =>
  new Promise((resolve) => {
    ann.on("said", (said) => said.text === text && resolve());
  });
ann.on("said", ({ name, text }) => console.log(`${name}: ${text}`));
await new Promise((resolve) => ann.on("connect", resolve));

const bob = join("bob");
await heard("has come");

const { people } = await bob.timeout(3_000).emitWithAck("say", "hello");
console.log(`${people} people`);

ann.emit("say", "hi Bob");
await heard("hi Bob");

bob.disconnect();
await heard("has gone");
ann.disconnect();
