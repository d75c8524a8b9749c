#!/usr/bin/env bash
# ws4py 0.5.1 (Debian 12), threaded client: of what comes in one segment with the
# server's answer to the upgrade only the first message arrives. It does so before
# `opened()` has been called; the others are dropped, and a close frame among them is
# told as 1006, "Going away", whatever it said. A server that greets with two messages,
# as one with a welcome and a list of who is here, loses the second.
#
# Seen, for texts "a", "b" and "c" and a close 4001, each client in a run of its own:
#   in the segment of the answer   "a", then 1006
#   200 ms later                   "a", "b", "c", then 4001
# What to do: one message as a greeting, or a handler that waits for the client's first.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg, Debian's python3
# and node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -q python3-ws4py=0.5.1+dfsg1-2 >&2
dpkg -x ./*.deb root
cat >client.py <<'PY'
import sys
import ws4py
from ws4py.client.threadedclient import WebSocketClient

class Client(WebSocketClient):
    def received_message(self, message):
        print("text", message.data.decode(), flush=True)

    def closed(self, code, reason=None):
        print("closed", code, flush=True)

client = Client(sys.argv[1])
client.connect()
client.run_forever()
PY
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const text = (letter) => Buffer.from([0x81, 1, letter.charCodeAt(0)]);
const frames = Buffer.concat([..."abc"].map(text).concat(Buffer.from([0x88, 2, 0x0f, 0xa1])));
let delay = 0;
const server = net.createServer(async (socket) => {
  socket.on("error", () => {});
  let request = "";
  while (!request.includes("\r\n\r\n")) request += (await once(socket, "data"))[0];
  const key = /sec-websocket-key: *(.*?)\r/i.exec(request)[1];
  const accept = createHash("sha1").update(key + GUID).digest("base64");
  const answer = Buffer.from(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  if (delay === 0) socket.write(Buffer.concat([answer, frames]));
  else {
    socket.write(answer);
    await wait(delay);
    socket.write(frames);
  }
  socket.resume();
  await wait(1_000);
  socket.destroy();
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

async function heard() {
  const child = spawn("/usr/bin/python3", [
    "client.py",
    `ws://127.0.0.1:${server.address().port}/`,
  ], {
    env: { ...process.env, PYTHONPATH: "root/usr/lib/python3/dist-packages" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  for await (const piece of child.stdout) printed += piece;
  return printed.trim().replaceAll("\n", ", ");
}

const together = await heard();
delay = 200;
const apart = await heard();
assert.equal(together, "text a, closed 1006");
assert.equal(apart, "text a, text b, text c, closed 4001");
console.log(`ws4py 0.5.1: with the answer "${together}", later "${apart}"`);
process.exit(0);
JS
timeout 30 node try.mjs
