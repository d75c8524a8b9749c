#!/usr/bin/env bash
# paho-mqtt 1.6.1 for Python (Debian 12), transport "websockets": it answers a
# WebSocket ping, and a close, with a frame without a mask, which every frame of a
# client must have (RFC 6455, section 5.1): a server that keeps to the rules ends the
# connection with 1002. Brokers that never ping, as mosquitto, do not notice.
#
# Seen, against ws 8.18.3: a message arrives; one ping, and the server finds
# "Invalid WebSocket frame: MASK must be set", the client "disconnect 7".
# What to do: no WebSocket pings to such clients (here `--ping-interval 0`); MQTT has
# its own.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg, Debian's python3
# and node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
npm install --silent --no-audit --no-fund --ignore-scripts ws@8.18.3 >&2
apt-get download -q python3-paho-mqtt=1.6.1-1 >&2
dpkg -x ./*.deb root
cat >client.py <<'PY'
import sys
import paho.mqtt.client as mqtt

client = mqtt.Client("a", transport="websockets")
client.on_connect = lambda client, *_: client.subscribe("t")
client.on_message = lambda _c, _u, message: print("message", len(message.payload), flush=True)

def on_disconnect(client, _userdata, code):
    print("disconnect", code, flush=True)
    client.loop_stop()

client.on_disconnect = on_disconnect
client.connect("127.0.0.1", int(sys.argv[1]), 60)
client.loop_start()
client._thread.join(8)
PY
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { WebSocketServer } from "ws";

const CONNECT = 0x10;
const SUBSCRIBE = 0x82;
const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  handleProtocols: ([first]) => first,
});
await once(server, "listening");
const errors = [];
server.on("connection", (socket) => {
  let isPinged = errors.length > 0;
  socket.on("error", ({ message }) => errors.push(message));
  socket.on("message", (data) => {
    if (data[0] === CONNECT) socket.send(Buffer.from([0x20, 2, 0, 0]));
    if (data[0] !== SUBSCRIBE || isPinged) return;
    isPinged = true;
    socket.send(Buffer.from([0x90, 3, data[2], data[3], 0]));
    socket.send(Buffer.from([0x30, 5, 0, 1, 0x74, 0x68, 0x69]));
    setTimeout(() => socket.ping(), 300);
  });
});
const client = spawn("/usr/bin/python3", ["client.py", server.address().port], {
  env: { ...process.env, PYTHONPATH: "root/usr/lib/python3/dist-packages" },
  stdio: ["ignore", "pipe", "inherit"],
});
let printed = "";
for await (const piece of client.stdout) {
  printed += piece;
  if (printed.includes("disconnect")) break;
}
client.kill();
assert.match(printed, /^message 2\ndisconnect 7\n/);
assert.equal(errors[0], "Invalid WebSocket frame: MASK must be set");
console.log(`paho-mqtt 1.6.1: after one ping the server finds "${errors[0]}"`);
process.exit(0);
JS
timeout 30 node try.mjs
