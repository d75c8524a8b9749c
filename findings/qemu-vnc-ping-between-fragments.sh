#!/usr/bin/env bash
# QEMU 7.2.22 (Debian 12), VNC over WebSocket: a ping between the fragments of a
# message, which RFC 6455, 5.4, allows, makes it forget the message. It takes the
# continuation for more of the ping: answers it with a second pong that holds the
# message's bytes, and the screen's protocol never sees them. The same fragments without
# a ping between them work, so does a ping between whole messages.
#
# Seen: the 12 bytes of the RFB version in two fragments: the list of security types; with a
# ping between them: pong "x", pong "003.008\n", nothing more.
# What to do: a client or proxy before it that sends whole messages, or pings only
# between them.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg and node.
set -eu
folder=$(mktemp -d)
machine=
trap '[ -z "$machine" ] || kill "$machine" 2>/dev/null || :; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -q qemu-system-x86=1:7.2+dfsg-7+deb12u18+b3 \
  qemu-system-common=1:7.2+dfsg-7+deb12u18+b3 qemu-system-data=1:7.2+dfsg-7+deb12u18 \
  libaio1 libblkid1 libbpf1 libcapstone4 libdaxctl1 libelf1 libfdt1 libffi8 \
  libfuse3-3 libglib2.0-0 libgmp10 libgnutls30 libhogweed6 libibverbs1 libidn2-0 \
  libjpeg62-turbo libkmod2 liblzma5 libmount1 libndctl6 libnettle8 libnl-3-200 \
  libnl-route-3-200 libnuma1 libp11-kit0 libpcre2-8-0 libpixman-1-0 libpmem1 \
  libpng16-16 librdmacm1 libsasl2-2 libseccomp2 libselinux1 libslirp0 libssl3 \
  libtasn1-6 libudev1 libunistring2 liburing2 libuuid1 libvdeplug2 libzstd1 \
  zlib1g >&2
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$folder/root/usr/lib/x86_64-linux-gnu
QEMU_MODULE_DIR=$libraries/qemu LD_LIBRARY_PATH=$libraries:$folder/root/lib/x86_64-linux-gnu \
  timeout 40 root/usr/bin/qemu-system-x86_64 -L root/usr/share/qemu -M none -m 16 \
  -display none -vnc 127.0.0.1:77,websocket=26890 >machine.log 2>&1 &
machine=$!
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const [CONTINUATION, BINARY, PING] = [0, 2, 9];

/** A masked frame (RFC 6455, 5.2). */
function frame(opcode, text, isFinal = true) {
  const [body, mask] = [Buffer.from(text), randomBytes(4)];
  const first = (isFinal ? 0x80 : 0) | opcode;
  const masked = body.map((byte, at) => byte ^ mask[at & 3]);
  return Buffer.from([first, 0x80 | body.length, ...mask, ...masked]);
}

async function dial() {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = net.connect(26890, "127.0.0.1");
    try {
      await once(socket, "connect");
    } catch {
      await wait(100);
      continue;
    }
    let bytes = Buffer.alloc(0);
    socket.on("data", (data) => bytes = Buffer.concat([bytes, data]));
    socket.write(
      "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n" +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Protocol: binary\r\n" +
        `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
    );
    await wait(500);
    return { socket, heard: () => bytes.subarray(bytes.indexOf("\r\n\r\n") + 4) };
  }
  throw new Error("the machine does not listen");
}

/** Says the version in some frames; returns the frames that answer it. */
async function answers(...frames) {
  const { socket, heard } = await dial();
  for (const each of frames) {
    socket.write(each);
    await wait(200);
  }
  await wait(500);
  socket.destroy();
  const found = [];
  for (let bytes = heard(); bytes.length >= 2;) {
    const length = bytes[1];
    const kind = { 0x82: "binary", 0x8a: "pong" }[bytes[0]];
    found.push([kind, bytes.toString("latin1", 2, 2 + length)]);
    bytes = bytes.subarray(2 + length);
  }
  assert.deepEqual(found.shift(), ["binary", "RFB 003.008\n"]);
  return found;
}

const start = frame(BINARY, "RFB ", false);
const end = frame(CONTINUATION, "003.008\n");
const ping = frame(PING, "x");
const security = ["binary", "\x01\x01"];
const pong = ["pong", "x"];
assert.deepEqual(await answers(start, end), [security]);
assert.deepEqual(await answers(ping, start, end), [pong, security]);
const broken = await answers(start, ping, end);
assert.deepEqual(broken, [pong, ["pong", "003.008\n"]]);
console.log("QEMU 7.2.22, a ping between two fragments:", broken);
process.exit(0);
JS
timeout 60 node try.mjs
