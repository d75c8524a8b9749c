// deno-lint-ignore-file no-console -- its lines go to standard output
// The package ws, for Node.
const { WebSocket } = require(
  require.resolve("ws", { paths: [process.cwd()] }),
);

const [mode, url, ...rest] = process.argv.slice(2);
const say = (step) => console.log(JSON.stringify(step));
const orders = rest.map(Number).flatMap((size) => [
  { kind: "text", size, data: "a".repeat(size) },
  { kind: "binary", size, data: Buffer.alloc(size, 255) },
]);
const socket = new WebSocket(url);
let asked;

socket.on("open", () => say({ step: "open" }));
socket.on("unexpected-response", (_request, { statusCode, headers }) => {
  say({
    step: "error",
    status: statusCode,
    text: headers["retry-after"] ?? "",
  });
  process.exit(0);
});
socket.on("error", ({ message }) => say({ step: "error", text: message }));
socket.on(
  "close",
  (code, reason) => say({ step: "closed", code, text: String(reason) }),
);
socket.on("message", (data, isBinary) => {
  if (mode === "listen") return say({ step: "message", size: data.length });
  if (asked !== undefined) {
    const same = isBinary === (asked.kind === "binary") &&
      data.equals(Buffer.from(asked.data));
    say({ step: "echo", kind: asked.kind, size: asked.size, same });
  }
  asked = orders.shift();
  if (asked === undefined) socket.close(1000);
  else socket.send(asked.data);
});
