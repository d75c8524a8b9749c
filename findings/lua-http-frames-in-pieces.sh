#!/usr/bin/env bash
# lua-http 0.4 on Lua 5.1 (Debian 12), WebSocket: for a frame of 126 to 65,535 bytes it
# waits for the head and not for what follows. If a part of that is still on its way,
# `receive()` throws "read: Connection timed out", at once and without any time-out set.
# Shorter and longer frames are waited for.
#
# Seen, for a text whose last 26 bytes come 200 ms after the rest:
#   126 bytes, 65,535 bytes   throws "read: Connection timed out"
#   125 bytes, 65,536 bytes   the text
# What to do: short messages, or `pcall` and connect again.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg and node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -q lua-http=0.4-1 lua5.1 lua-basexx lua-binaryheap lua-bit32 \
  lua-compat53 lua-cqueues lua-fifo lua-lpeg lua-lpeg-patterns lua-luaossl >&2
for package in ./*.deb; do dpkg -x "$package" root; done
cat >client.lua <<'LUA'
local socket = require("http.websocket").new_from_uri(arg[1])
assert(socket:connect(5))
local ok, what = pcall(socket.receive, socket)
print(ok and "text of " .. #what or (tostring(what):gsub("^.*%d: ", "")))
LUA
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
let size = 0;

function frame() {
  const body = Buffer.alloc(size, 97);
  if (size < 126) return Buffer.concat([Buffer.from([0x81, size]), body]);
  if (size < 65_536) return Buffer.concat([Buffer.from([0x81, 126, size >> 8, size & 255]), body]);
  return Buffer.concat([Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]), body]);
}

const server = net.createServer(async (socket) => {
  socket.setNoDelay(true).on("error", () => {});
  let request = "";
  while (!request.includes("\r\n\r\n")) request += (await once(socket, "data"))[0];
  const key = /sec-websocket-key: *(.*?)\r/i.exec(request)[1];
  const accept = createHash("sha1").update(key + GUID).digest("base64");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  await wait(200);
  socket.write(frame().subarray(0, -26));
  await wait(200);
  socket.write(frame().subarray(-26));
  socket.resume();
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

const root = `${process.cwd()}/root/usr`;
const library = `${root}/lib/x86_64-linux-gnu`;
const env = {
  LD_LIBRARY_PATH: library,
  LUA_PATH: `${root}/share/lua/5.1/?.lua;${root}/share/lua/5.1/?/init.lua`,
  LUA_CPATH: `${library}/lua/5.1/?.so`,
};
const seen = {};
for (size of [125, 126, 65_535, 65_536]) {
  const url = `ws://127.0.0.1:${server.address().port}/`;
  const child = spawn("root/usr/bin/lua5.1", ["client.lua", url], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  seen[size] = "";
  for await (const piece of child.stdout) seen[size] += piece;
}
assert.deepEqual(seen, {
  125: "text of 125\n",
  126: "read: Connection timed out\n",
  65535: "read: Connection timed out\n",
  65536: "text of 65536\n",
});
console.log(`lua-http 0.4: ${JSON.stringify(seen)}`);
process.exit(0);
JS
timeout 60 node try.mjs
