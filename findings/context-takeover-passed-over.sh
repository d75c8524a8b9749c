#!/usr/bin/env bash
# Two clients that offer `permessage-deflate` and pass over `client_no_context_takeover`
# in the server's answer, which a server may say unasked and a client has to follow
# (RFC 7692, section 7.1.1.2): they go on to refer to their earlier messages, and the
# server cannot inflate a second message that is like the first.
#   Tornado 6.2 (Debian 12), `compression_options`: it reads only parameters that have a
#   value; its own comment says that it accepts this one.
#   Mojolicious 9.31 (Debian 12), a request with that extension: it reads no parameter.
#
# Seen of both, against ws 8.18.3 with `clientNoContextTakeover`: the answer has the
# parameter; the first text comes back, the second one, equal to it, ends the connection
# with 1007, "invalid distance too far back" to the server.
# What to do: no compression in these clients, or a server that keeps the context
# (here `--compression-context-takeover`).
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg, Debian's python3,
# perl and node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
npm install --silent --no-audit --no-fund --ignore-scripts ws@8.18.3 >&2
apt-get download -q python3-tornado=6.2.0-3+deb12u4 libmojolicious-perl=9.31+dfsg-1 >&2
for package in ./*.deb; do dpkg -x "$package" root; done
cat >client.py <<'PY'
import asyncio
import sys
import tornado
from tornado.websocket import websocket_connect

async def main():
    socket = await websocket_connect(sys.argv[1], compression_options={})
    for _ in range(2):
        await socket.write_message("the quick brown fox " * 20)
        answer = await socket.read_message()
        print(answer and len(answer))
    print(socket.close_code)

print("Tornado", tornado.version)
asyncio.run(main())
PY
cat >client.pl <<'PERL'
use Mojo::IOLoop;
use Mojo::UserAgent;
use Module::Metadata;


my $text = "the quick brown fox " x 20;
my $head = {"Sec-WebSocket-Extensions" => "permessage-deflate"};
my $agent = Mojo::UserAgent->new;
print "Mojolicious ", Module::Metadata->new_from_module("Mojolicious")->version, "\n";
$agent->websocket($ARGV[0], $head => sub {
  my (undef, $tx) = @_;
  $tx->on(message => sub { print length $_[1], "\n"; $tx->send($text) });
  $tx->on(finish => sub { print "None\n$_[1]\n"; Mojo::IOLoop->stop });
  $tx->send($text);
});
Mojo::IOLoop->start;
PERL
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { WebSocketServer } from "ws";

const perMessageDeflate = { clientNoContextTakeover: true, threshold: 0 };
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate });
await once(server, "listening");
let agreed = [];
let errors = [];
server.on("headers", (lines) =>
  agreed.push(lines.find((line) => line.startsWith("Sec-WebSocket-Extensions")) ?? ""));
server.on("connection", (socket) => {
  socket.on("error", ({ message }) => errors.push(message));
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});

async function see(program, args, version) {
  agreed = [];
  errors = [];
  const client = spawn(program, [...args, `ws://127.0.0.1:${server.address().port}/`], {
    env: {
      ...process.env,
      PYTHONPATH: "root/usr/lib/python3/dist-packages",
      PERL5LIB: `${process.cwd()}/root/usr/share/perl5`,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  for await (const piece of client.stdout) printed += piece;
  assert.match(agreed[0], /client_no_context_takeover/);
  assert.equal(printed, `${version}\n400\nNone\n1007\n`);
  assert.match(errors[0], /invalid distance/);
  console.log(`${version}: "${agreed[0]}", and the second message: "${errors[0]}"`);
}

await see("/usr/bin/python3", ["client.py"], "Tornado 6.2");
await see("/usr/bin/perl", ["client.pl"], "Mojolicious 9.31");
process.exit(0);
JS
timeout 60 node try.mjs
