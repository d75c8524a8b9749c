#!/usr/bin/env bash
# paho.mqtt.c 1.3.12 (Debian 12), URL "ws://…": where one WebSocket message holds
# several MQTT packets, which MQTT allows (3.1.1, section 6), all but the first wait
# until something else comes; and after a WebSocket message in two frames it tells
# nothing any more, neither of that one nor of later ones, and stays connected.
#
# Seen: publishes of 1 and 2 bytes in one message, one of 3 bytes 800 ms later: "A" at
# once, "AA" and "AAA" then. One of 4 bytes in two frames, then one of 5 bytes 800 ms
# later: nothing is printed, the connection stays open.
# What to do: one MQTT packet in each WebSocket message, and no fragments (a proxy that
# merges or splits frames is enough).
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg and node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
npm install --silent --no-audit --no-fund --ignore-scripts ws@8.18.3 >&2
apt-get download -q paho.mqtt.c-examples=1.3.12-1 libpaho-mqtt1.3=1.3.12-1 >&2
for package in ./*.deb; do dpkg -x "$package" root; done
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocketServer } from "ws";

const publish = (size) =>
  Buffer.from([0x30, size + 3, 0, 1, 0x74, ...Buffer.alloc(size, "A")]);

/** What a subscriber prints at once, then 800 ms later, and whether it is still there. */
async function printed(first, later) {
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    handleProtocols: ([offered]) => offered,
  });
  await once(server, "listening");
  const client = spawn("root/usr/bin/paho_cs_sub", [
    "-c",
    `ws://127.0.0.1:${server.address().port}`,
    "-t",
    "t",
  ], {
    env: { LD_LIBRARY_PATH: "root/usr/lib/x86_64-linux-gnu" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  client.stdout.on("data", (data) => output += data);
  const [socket] = await once(server, "connection");
  const subscribed = new Promise((resolve) =>
    socket.on("message", (data) => {
      if (data[0] === 0x10) socket.send(Buffer.from([0x20, 2, 0, 0]));
      if (data[0] === 0x82) resolve(data);
    })
  );
  const request = await subscribed;
  socket.send(Buffer.from([0x90, 3, request[2], request[3], 0]));
  await wait(200);
  first(socket);
  await wait(800);
  const atOnce = output;
  later(socket);
  await wait(800);
  const result = [atOnce, output.slice(atOnce.length), socket.readyState];
  client.kill("SIGKILL");
  server.close();
  socket.terminate();
  return result;
}

const together = await printed(
  (socket) => socket.send(Buffer.concat([publish(1), publish(2)])),
  (socket) => socket.send(publish(3)),
);
assert.deepEqual(together, ["A\n", "AA\nAAA\n", 1]);

const inFrames = await printed(
  (socket) => {
    socket.send(publish(4).subarray(0, 3), { fin: false });
    socket.send(publish(4).subarray(3), { fin: true });
  },
  (socket) => socket.send(publish(5)),
);
assert.deepEqual(inFrames, ["", "", 1]);
console.log("paho.mqtt.c 1.3.12: packets behind the first wait, fragments end all hearing");
process.exit(0);
JS
timeout 30 node try.mjs
