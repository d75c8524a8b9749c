#!/usr/bin/env bash
# ejabberd 23.01 (Debian 12), XMPP over WebSocket: of the sub-protocols that a client
# offers it chooses all: the answer repeats the whole list, where RFC 6455, 4.2.2, has
# one of them, or none. Whoever offers a second one beside "xmpp" has no connection. And
# a ping between the fragments of a message (RFC 6455, 5.4) ends the stream: an XMPP
# <close/>, code 1000, and no pong, as if the client had wanted to go.
#
# Seen: ws 8.18.3 with ["xmpp", "example"]: "Server sent an invalid subprotocol"; with
# ["xmpp"]: open. <open/> in two fragments: answered; with a ping between them: <close/>.
# What to do: offer "xmpp" alone; send whole messages, or no pings.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg and node.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || :; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ws@8.18.3 >&2
chmod 755 .
apt-get download -q ejabberd=23.01-1 erlang-base=1:25.2.3+dfsg-1+deb12u4 \
  erlang-{asn1,crypto,inets,mnesia,odbc,os-mon,public-key,ssl,syntax-tools,xmerl} \
  erlang-{base64url,goldrush,idna,jiffy,jose,lager,unicode-util-compat,eldap,tools} \
  erlang-p1-{acme,cache-tab,eimp,mqtree,pkix,stringprep,stun,tls,utils,xml} \
  erlang-p1-{xmpp,yaml,yconf,zlib} erlang-{runtime-tools,eunit} \
  libyaml-0-2 libexpat1 libsqlite3-0 libodbc2 libltdl7 libssl3 libgd3 >&2
for package in ./*.deb; do dpkg -x "$package" root; done
cat >server.yml <<'YML'
hosts: [localhost]
loglevel: warning
listen:
  - port: 26891
    ip: "127.0.0.1"
    module: ejabberd_http
    request_handlers: { /ws: ejabberd_http_ws }
auth_method: [anonymous]
anonymous_protocol: both
modules: {}
YML
libraries=$folder/root/usr/lib/x86_64-linux-gnu
HOME=$folder ERL_ROOTDIR=$folder/root/usr/lib/erlang ERL_LIBS=$libraries \
  LD_LIBRARY_PATH=$libraries EJABBERD_CONFIG_PATH=$folder/server.yml \
  EJABBERD_LOG_PATH=$folder/server.log \
  timeout 80 root/usr/lib/erlang/bin/erl +S 1 -noinput \
  -mnesia dir "\"$folder/base\"" -s ejabberd >out.log 2>&1 &
server=$!
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";

const OPEN = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="localhost" version="1.0"/>';

async function dial(...protocols) {
  for (let attempt = 0;; attempt++) {
    const socket = new WebSocket("ws://127.0.0.1:26891/ws", protocols);
    try {
      await once(socket, "open");
      return socket;
    } catch (error) {
      if (error.code !== "ECONNREFUSED" || attempt === 100) throw error;
      await wait(300);
    }
  }
}

/** Opens a stream, with or without a ping between two fragments; returns its answers. */
async function answers(withPing) {
  const socket = await dial("xmpp");
  const heard = [];
  socket.on("pong", () => heard.push("pong"));
  socket.on("message", (text) => heard.push(/<([\w:]+)/.exec(text)[1]));
  socket.on("close", (code) => heard.push(code));
  socket.send(OPEN.slice(0, 20), { fin: false });
  if (withPing) socket.ping();
  await wait(200);
  socket.send(OPEN.slice(20));
  await wait(2_000);
  socket.terminate();
  return [...heard];
}

await answers(false);
const fragments = await answers(false);
assert.deepEqual(fragments, ["open", "stream:features"]);
const withPing = await answers(true);
assert.deepEqual(withPing, ["close", 1000]);
await assert.rejects(dial("xmpp", "example"), {
  message: "Server sent an invalid subprotocol",
});
console.log("ejabberd 23.01: fragments:", fragments, "with a ping:", withPing);
process.exit(0);
JS
timeout 80 node try.mjs
