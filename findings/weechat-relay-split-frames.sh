#!/usr/bin/env bash
# WeeChat 3.8 (Debian 12), relay over WebSocket: it takes each read of its socket for
# whole frames. A frame whose bytes come in two TCP segments, or that is longer than
# its buffer of 4 KiB, ends the connection, without a Close frame. Frames that come
# whole work, also many in one segment, and fragments with a ping between them.
#
# Seen: one frame of 13 bytes, the last 5 sent 100 ms later: end of the connection;
# a question of 3,000 bytes is answered, one of 6,000 ends it.
# What to do: messages below 3 KiB, one `write` for each frame, no proxy or tunnel
# that cuts the stream anew (TLS by stunnel, a mobile network with a small MTU).
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg and node.
set -eu
folder=$(mktemp -d)
relay=
trap '[ -z "$relay" ] || kill "$relay" 2>/dev/null || :; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -q weechat-headless=3.8-1 weechat-core=3.8-1 \
  weechat-plugins=3.8-1 libcurl3-gnutls libgcrypt20 libgpg-error0 libgnutls30 \
  libzstd1 libnghttp2-14 librtmp1 libssh2-1 libpsl5 libidn2-0 libunistring2 \
  libnettle8 libhogweed6 libgmp10 libp11-kit0 libffi8 libtasn1-6 libldap-2.5-0 \
  libsasl2-2 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 \
  libkeyutils1 libcom-err2 libbrotli1 zlib1g >&2
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=root/usr/lib/x86_64-linux-gnu
plugins=$folder/$libraries/weechat/plugins
HOME=$folder LD_LIBRARY_PATH=$folder/$libraries:$folder/root/lib/x86_64-linux-gnu \
  timeout 40 root/usr/bin/weechat-headless -d "$folder/home" \
  -p -r "/plugin load $plugins/relay.so" \
  -r '/set relay.network.ipv6 off' -r '/set relay.network.bind_address "127.0.0.1"' \
  -r '/set relay.network.password "p"' -r '/relay add weechat 26887' \
  >relay.log 2>&1 &
relay=$!
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** A masked text frame (RFC 6455, 5.2). */
function frame(text) {
  const [body, mask] = [Buffer.from(text), randomBytes(4)];
  const head = body.length < 126
    ? [0x81, 0x80 | body.length]
    : [0x81, 0xfe, body.length >> 8, body.length & 255];
  return Buffer.from([...head, ...mask, ...body.map((byte, at) => byte ^ mask[at & 3])]);
}

async function dial() {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = net.connect(26887, "127.0.0.1");
    try {
      await once(socket, "connect");
    } catch {
      await wait(100);
      continue;
    }
    const heard = { bytes: 0, text: "", isEnded: false };
    socket.setNoDelay(true);
    socket.on("data", (data) => {
      heard.bytes += data.length;
      heard.text += data.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => heard.isEnded = true);
    socket.write(
      "GET /weechat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n" +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
    );
    await wait(300);
    assert.match(heard.text, / 101 /);
    heard.text = "";
    socket.write(frame("init password=p,compression=off\n"));
    await wait(300);
    return { socket, heard };
  }
  throw new Error("the relay does not listen");
}

async function say(...pieces) {
  const { socket, heard } = await dial();
  for (const piece of pieces) {
    socket.write(piece);
    await wait(100);
  }
  await wait(700);
  socket.destroy();
  return heard.text.includes("_pong") ? "answered" : heard.isEnded ? "ended" : "silent";
}

const whole = frame("ping a\n");
const seen = {
  whole: await say(whole),
  "two in one segment": await say(Buffer.concat([whole, whole])),
  "one in two segments": await say(whole.subarray(0, 8), whole.subarray(8)),
  "3,000 bytes": await say(frame(`ping ${"a".repeat(3_000)}\n`)),
  "6,000 bytes": await say(frame(`ping ${"a".repeat(6_000)}\n`)),
};
assert.deepEqual(seen, {
  whole: "answered",
  "two in one segment": "answered",
  "one in two segments": "ended",
  "3,000 bytes": "answered",
  "6,000 bytes": "ended",
});
console.log("WeeChat 3.8:", seen);
process.exit(0);
JS
timeout 60 node try.mjs
