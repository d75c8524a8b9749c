// deno-lint-ignore-file no-console -- a program: the test reads what it prints
// A client that runs on Node: `node _node_client.mjs URL [MODULE OPTIONS]`. Without a
// module it is Node's own WebSocket, with one the `ws` package that lies there. Sends
// texts and bytes to a server that echoes, and prints what came of it as JSON.

const [url, modulePath, options] = process.argv.slice(2);

const TEXT = "the quick brown fox jumps over the lazy dog, ".repeat(100);
const MESSAGES = [
  "hello from Node",
  ...Array.from({ length: 5 }, (_, i) => `${i} ${TEXT}`),
  "ü€😀".repeat(30_000),
  new Uint8Array(200_000).map((_, i) => i * 31),
];

async function dial() {
  if (modulePath === undefined) return new WebSocket(url);
  const ws = await import(modulePath);
  return new ws.WebSocket(url, JSON.parse(options));
}

function isSame(message, data) {
  if (typeof message === "string") return message === data;
  return Buffer.compare(Buffer.from(data), message) === 0;
}

const socket = await dial();
socket.binaryType = "arraybuffer";
let echoes = 0;
let extensions = "";

socket.onopen = () => {
  extensions = socket.extensions;
  for (const message of MESSAGES) socket.send(message);
};
socket.onmessage = ({ data }) => {
  if (isSame(MESSAGES[echoes], data)) echoes++;
  else socket.close(4000, "not what was sent");
  if (echoes === MESSAGES.length) socket.close(1000);
};
socket.onclose = ({ code }) => {
  console.log(
    JSON.stringify({ node: process.version, extensions, echoes, code }),
  );
};
