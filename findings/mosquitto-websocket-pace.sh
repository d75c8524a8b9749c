#!/usr/bin/env bash
# mosquitto 2.0.11 (Debian 12), listener with "protocol websockets": to a subscriber
# it writes 4 KiB each 100 ms while nothing else happens on that connection, 40 kB/s,
# on loopback too. Over plain TCP the same broker delivers the same message at once.
# A device picture of 100 kB takes two and a half seconds to a browser. A client whose
# sub-protocol it does not know is cut off without an HTTP answer, and one that offers
# none is taken in and never answered.
#
# Seen: one message of 100,000 bytes, published by TCP: TCP subscriber within 0.1 s,
# WebSocket subscriber after 2.4 to 2.9 s; "foo": the socket is closed; none offered:
# open, and no CONNACK.
# What to do: a proxy that speaks MQTT's TCP to the broker, or small messages.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg and node.
set -eu
folder=$(mktemp -d)
broker=
trap '[ -z "$broker" ] || kill "$broker" 2>/dev/null || :; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ws@8.18.3 >&2
chmod 755 .
apt-get download -q mosquitto=2.0.11-1.2+deb12u2 \
  libwrap0 libdlt2 libcap2 libnsl2 libtirpc3 libgssapi-krb5-2 libkrb5-3 \
  libk5crypto3 libkrb5support0 libkeyutils1 >&2
for package in ./*.deb; do dpkg -x "$package" root; done
cat >broker.conf <<'CONF'
listener 26883 127.0.0.1
listener 26884 127.0.0.1
protocol websockets
allow_anonymous true
CONF
LD_LIBRARY_PATH=$folder/root/usr/lib/x86_64-linux-gnu:$folder/root/lib/x86_64-linux-gnu \
  root/usr/sbin/mosquitto -c broker.conf >broker.log 2>&1 &
broker=$!
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";

const SIZE = 100_000;
const connect = (id) =>
  Buffer.concat([
    Buffer.from([0x10, 13, 0, 4, ...Buffer.from("MQTT"), 4, 2, 0, 60, 0, 1]),
    Buffer.from(id),
  ]);
const subscribe = Buffer.from([0x82, 6, 0, 1, 0, 1, 0x74, 0]);
const rest = SIZE + 3;
const publish = Buffer.concat([
  Buffer.from([0x30, rest % 128 | 128, (rest >> 7) % 128 | 128, rest >> 14, 0, 1, 0x74]),
  Buffer.alloc(SIZE, 65),
]);

async function dial() {
  for (let attempt = 0; attempt < 50; attempt++) {
    const socket = net.connect(26883, "127.0.0.1");
    try {
      await once(socket, "connect");
      return socket;
    } catch {
      await wait(100);
    }
  }
  throw new Error("the broker does not listen");
}

const publisher = await dial();
publisher.resume().write(connect("p"));
const plain = await dial();
plain.write(connect("t"));
const page = new WebSocket("ws://127.0.0.1:26884/", ["mqtt"]);
await once(page, "open");
page.send(connect("w"));
await wait(200);
plain.write(subscribe);
page.send(subscribe);
await wait(300);

const start = performance.now();
let bytes = 0;
const toPlain = new Promise((resolve) =>
  plain.on("data", (data) => {
    if ((bytes += data.length) >= SIZE) resolve(performance.now() - start);
  })
);
const toPage = new Promise((resolve) =>
  page.on("message", (data) => {
    if (data.length > SIZE) resolve(performance.now() - start);
  })
);
publisher.write(publish);
const times = [await toPlain, await toPage];
assert.ok(times[0] < 500, `by TCP after ${times[0]} ms`);
assert.ok(times[1] > 1_500, `by WebSocket after ${times[1]} ms`);

const other = new WebSocket("ws://127.0.0.1:26884/", ["foo"]);
const [error] = await once(other, "error");
assert.equal(error.message, "socket hang up");
const none = new WebSocket("ws://127.0.0.1:26884/");
await once(none, "open");
none.send(connect("n"));
const heard = once(none, "message", { signal: AbortSignal.timeout(1_500) });
await assert.rejects(heard, { name: "AbortError" });
console.log(
  `mosquitto 2.0.11: ${SIZE} bytes by TCP after ${Math.round(times[0])} ms, ` +
    `by WebSocket after ${Math.round(times[1])} ms`,
);
process.exit(0);
JS
timeout 60 node try.mjs
