#!/usr/bin/env bash
# nats-server 2.9.10 and websockify 0.10.0 (both Debian 12): whoever says goodbye
# without a code, as `close()` without arguments does everywhere, gets a Close frame
# with the code 1005. RFC 6455, 7.4.1, has it for "there was none", and forbids to send
# it. A client that checks codes reports a broken connection at each good end.
#
# Seen, with both: ws 8.18.3: error WS_ERR_INVALID_CLOSE_CODE, then close with 1006;
# with a code, 1000, the same client closes without an error.
# What to do: say a code at each close, `close(1000)`.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg, node and
# python3.
set -eu
folder=$(mktemp -d)
servers=
trap 'for each in $servers; do kill "$each" 2>/dev/null || :; done; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ws@8.18.3 >&2
chmod 755 .
apt-get download -q nats-server=2.9.10-1+b3 \
  python3-websockify=0.10.0+dfsg1-4+b1 >&2
for package in ./*.deb; do dpkg -x "$package" root; done
cat >server.conf <<'CONF'
host: 127.0.0.1
port: 26885
websocket { host: 127.0.0.1, port: 26886, no_tls: true }
CONF
find root -name nats-server -type f -perm -1 -exec cp {} ./server \;
./server -c server.conf >server.log 2>&1 &
servers=$!
# It passes bytes on to the other one; what these are does not matter here.
PYTHONPATH=root/usr/lib/python3/dist-packages python3 -m websockify \
  127.0.0.1:26889 127.0.0.1:26886 >proxy.log 2>&1 &
servers="$servers $!"
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";

async function dial(port) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    try {
      await once(socket, "open");
      return socket;
    } catch {
      await wait(100);
    }
  }
  throw new Error("the server does not listen");
}

/** Closes at once; returns what the client is told. */
async function farewell(port, ...code) {
  const socket = await dial(port);
  const errors = [];
  socket.on("error", ({ code }) => errors.push(code));
  socket.close(...code);
  const told = await new Promise((resolve) => socket.on("close", resolve));
  return [...errors, told];
}

const servers = { "nats-server 2.9.10": 26886, "websockify 0.10.0": 26889 };
for (const [server, port] of Object.entries(servers)) {
  const withCode = await farewell(port, 1000);
  assert.deepEqual(withCode, [1000]);
  const without = await farewell(port);
  assert.deepEqual(without, ["WS_ERR_INVALID_CLOSE_CODE", 1006]);
  console.log(`${server}: close(1000): ${withCode}, close(): ${without}`);
}
JS
timeout 30 node try.mjs
