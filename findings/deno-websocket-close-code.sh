#!/usr/bin/env bash
# When a connection ends without a close frame, the code of the close event is 1006
# (RFC 6455, section 7.1.5; WHATWG WebSockets, "when the WebSocket connection is
# closed"). Deno's WebSocket says 0, which is in no registry. Code that comes back
# "if (event.code === 1006)", or that writes the code into a close frame of a second
# connection, does neither.
#
# Seen: Deno 2.9.6 has 0, "" and wasClean false, after an end and after a reset; ws 8.18.0
# has 1006 in both cases.
# What to do: go by wasClean, or take 0 for 1006. Servers see nothing of it.
# Exits 0 while this is so, 1 when it changed; wants node and npx.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund deno@2.9.6 ws@8.18.0 >&2
cat >server.mjs <<'JS'
// Lets a client in, then ends the connection without a close frame.
import { createHash } from "node:crypto";
import { createServer } from "node:net";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const server = createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (data) => {
    const [, key] = /Sec-WebSocket-Key: (\S+)/i.exec(data);
    const [, way] = /^GET \/(\w+)/.exec(data);
    const accept = createHash("sha1").update(key + GUID).digest("base64");
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
        `Connection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    setTimeout(() => way === "reset" ? socket.resetAndDestroy() : socket.end(), 300);
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
JS
cat >client.mjs <<'JS'
import process from "node:process";

const [, , way, port, library] = process.argv;
const WebSocket = library ? (await import("ws")).default : globalThis.WebSocket;
const socket = new WebSocket(`ws://127.0.0.1:${port}/${way}`);
socket.onerror = () => {};
socket.onclose = ({ code, reason, wasClean }) => {
  console.log(`${code} ${JSON.stringify(reason)} ${wasClean}`);
  process.exit(0);
};
JS
node server.mjs >port &
server=$!
trap 'kill $server; rm -rf "$folder"' EXIT
until [ -s port ]; do sleep 0.1; done
for way in end reset; do
  deno=$(npx deno run -A client.mjs "$way" "$(cat port)")
  node=$(node client.mjs "$way" "$(cat port)" ws)
  echo "$way: Deno 2.9.6 $deno, ws 8.18.0 $node"
  [ "$deno" = '0 "" false' ] && [ "$node" = '1006 "" false' ]
done
