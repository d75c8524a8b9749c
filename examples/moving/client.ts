// deno-lint-ignore-file no-console -- a program for a terminal
// Chats from a terminal: prints what it hears, and says each line that is typed.
//
//   deno run -A examples/moving/client.ts "ws://127.0.0.1:7272/?name=ann&room=lobby"
const [url = "ws://127.0.0.1:7272/"] = Deno.args;
const socket = new WebSocket(url);
socket.onmessage = ({ data }) => console.log(data);
socket.onclose = ({ code }) => {
  console.log(`closed with ${code}`);
  Deno.exit();
};
await new Promise((resolve) => socket.onopen = resolve);
console.log("connected");

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
for await (const text of lines) {
  for (const line of text.split("\n")) if (line !== "") socket.send(line);
}
