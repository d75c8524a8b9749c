#!/usr/bin/env bash
# Two WebSocket clients that misread a server's answer if TCP happens to deliver it in
# two pieces, cut between the carriage return and the line feed of the blank line at its
# end. Any other cut is fine.
#   tcllib 1.21 on Tcl 8.6.13 (Debian 12): the line feed is taken for the first byte of
#   the first frame. What comes first is lost, and the connection is closed with 1002.
#   lua-http 0.4 on Lua 5.1 (Debian 12): connect() fails with "read_header: Invalid or
#   incomplete multibyte or wide character" (EILSEQ).
#
# Seen, for an answer of 129 bytes cut at 127 and at 128, then a text "hi" and a close
# 4001: at 127 both hear "hi" and 4001; at 128 Tcl hears nothing but 1002, Lua the error.
# What to do: servers write the answer at once (a gateway does); nothing a client can do
# but try again.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg and node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -q tcllib=1.21+dfsg-1 tcl8.6 libtcl8.6 lua-http=0.4-1 lua5.1 \
  lua-basexx lua-binaryheap lua-bit32 lua-compat53 lua-cqueues lua-fifo lua-lpeg \
  lua-lpeg-patterns lua-luaossl >&2
for package in ./*.deb; do dpkg -x "$package" root; done
cat >client.tcl <<'TCL'
package require websocket
proc on {socket type message} {
    if {$type eq "text"} { puts "text $message" }
    if {$type eq "close"} { puts "close [lindex $message 0]" }
    if {$type in {disconnect error}} { exit }
}
::websocket::open [lindex $argv 0] on
vwait forever
TCL
cat >client.lua <<'LUA'
local socket = require("http.websocket").new_from_uri(arg[1])
local ok, problem = socket:connect(5)
if not ok then print(problem) os.exit(0) end
print("text " .. socket:receive())
socket:receive()
print("close " .. tostring(socket.got_close_code))
LUA
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const frames = Buffer.from([0x81, 2, 0x68, 0x69, 0x88, 2, 0x0f, 0xa1]);
let cut = 0;
const server = net.createServer(async (socket) => {
  socket.setNoDelay(true).on("error", () => {});
  let request = "";
  while (!request.includes("\r\n\r\n")) request += (await once(socket, "data"))[0];
  const key = /sec-websocket-key: *(.*?)\r/i.exec(request)[1];
  const accept = createHash("sha1").update(key + GUID).digest("base64");
  const answer = Buffer.from(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  assert.equal(answer.length, 129);
  socket.write(answer.subarray(0, cut));
  await wait(200);
  socket.write(answer.subarray(cut));
  await wait(200);
  socket.end(frames);
  socket.resume();
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

async function heard(program, script) {
  const library = `${process.cwd()}/root/usr/lib/x86_64-linux-gnu`;
  const lua = `${process.cwd()}/root/usr/share/lua/5.1`;
  const url = `ws://127.0.0.1:${server.address().port}/`;
  const child = spawn(`root/usr/bin/${program}`, [script, url], {
    env: {
      LD_LIBRARY_PATH: library,
      TCL_LIBRARY: `${process.cwd()}/root/usr/share/tcltk/tcl8.6`,
      TCLLIBPATH: `${process.cwd()}/root/usr/share/tcltk`,
      LUA_PATH: `${lua}/?.lua;${lua}/?/init.lua`,
      LUA_CPATH: `${library}/lua/5.1/?.so`,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  for await (const piece of child.stdout) printed += piece;
  return printed.trim().replaceAll("\n", ", ");
}

const seen = [];
for (cut of [127, 128]) {
  seen.push(await heard("tclsh8.6", "client.tcl"), await heard("lua5.1", "client.lua"));
}
assert.deepEqual(seen, [
  "text hi, close 4001",
  "text hi, close 4001",
  "close 1002",
  "read_header: Invalid or incomplete multibyte or wide character",
]);
console.log(`tcllib 1.21: "${seen[2]}"; lua-http 0.4: "${seen[3]}"`);
process.exit(0);
JS
timeout 60 node try.mjs
