// deno-lint-ignore-file no-console -- its lines go to standard output
// The package faye-websocket, on websocket-driver, for Node.
const { Client } = require(
  require.resolve("faye-websocket", { paths: [process.cwd()] }),
);

const [mode, url, ...rest] = process.argv.slice(2);
const say = (step) => console.log(JSON.stringify(step));
const orders = rest.map(Number).flatMap((size) => [
  { kind: "text", size, data: "a".repeat(size) },
  { kind: "binary", size, data: Buffer.alloc(size, 255) },
]);
const socket = new Client(url);
let asked;

socket.on("open", () => say({ step: "open" }));
socket.on(
  "error",
  ({ message }) =>
    say({
      step: "error",
      text: message,
      ...statusOf(socket.statusCode ?? socket.status),
    }),
);
socket.on("close", ({ code, reason }) => {
  say({ step: "closed", code, text: reason });
  process.exit(0);
});
socket.on("message", ({ data }) => {
  if (mode === "listen") return say({ step: "message", size: data.length });
  if (asked !== undefined) {
    const same = Buffer.from(data).equals(Buffer.from(asked.data));
    say({ step: "echo", kind: asked.kind, size: asked.size, same });
  }
  asked = orders.shift();
  if (asked === undefined) socket.close(1000);
  else socket.send(asked.data);
});

function statusOf(status) {
  return typeof status === "number" ? { status } : {};
}
