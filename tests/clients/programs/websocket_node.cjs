// deno-lint-ignore-file no-console -- its lines go to standard output
// The package websocket (WebSocket-Node), with its greatest message raised for echoes.
const { client: Client } = require(
  require.resolve("websocket", { paths: [process.cwd()] }),
);

const [mode, url, ...rest] = process.argv.slice(2);
const say = (step) => console.log(JSON.stringify(step));
const orders = rest.map(Number).flatMap((size) => [
  { kind: "text", size, data: "a".repeat(size) },
  { kind: "binary", size, data: Buffer.alloc(size, 255) },
]);
const raised = {
  maxReceivedMessageSize: 2 ** 24,
  maxReceivedFrameSize: 2 ** 24,
};
const client = new Client(mode === "echo" ? raised : {});
let asked;

client.on(
  "connectFailed",
  ({ message }) => say({ step: "error", text: message }),
);
client.on(
  "httpResponse",
  ({ statusCode }) => say({ step: "error", status: statusCode }),
);
client.on("connect", (connection) => {
  say({ step: "open" });
  connection.on(
    "error",
    ({ message }) => say({ step: "error", text: message }),
  );
  connection.on("close", (code, text) => {
    say({ step: "closed", code, text });
    process.exit(0);
  });
  connection.on("message", ({ type, utf8Data, binaryData }) => {
    const data = type === "utf8" ? Buffer.from(utf8Data) : binaryData;
    if (mode === "listen") return say({ step: "message", size: data.length });
    if (asked !== undefined) {
      const isKind = (type === "utf8") === (asked.kind === "text");
      const same = isKind && data.equals(Buffer.from(asked.data));
      say({ step: "echo", kind: asked.kind, size: asked.size, same });
    }
    asked = orders.shift();
    if (asked === undefined) connection.close(1000);
    else if (asked.kind === "text") connection.sendUTF(asked.data);
    else connection.sendBytes(asked.data);
  });
});
client.connect(url);
