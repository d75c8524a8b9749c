#!/usr/bin/env bash
# InspIRCd 3.15.0 (Debian 12), module websocket: no connection ends with a Close frame,
# neither when the client says goodbye with one nor after IRC's own QUIT: RFC 6455,
# 5.5.1, asks for an answer. Each good end is 1006 to a page. And no sub-protocol is
# ever chosen, also not IRCv3's text.ircv3.net, so that a client that offers it, as that
# specification asks, has no connection at all.
#
# Seen: ws 8.18.3: close(1000) and QUIT both 1006; with "text.ircv3.net": "Server sent
# no subprotocol".
# What to do: take 1006 after QUIT for a good end, offer no sub-protocol.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg and node.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || :; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ws@8.18.3 >&2
chmod 755 .
apt-get download -q inspircd=3.15.0-1 >&2
dpkg -x inspircd_*.deb root
cat >server.conf <<CONF
<server name="irc.example" description="chat" network="Example">
<admin name="a" nick="a" email="a@irc.example">
<path moduledir="$folder/root/usr/lib/inspircd/modules" configdir="$folder"
  datadir="$folder" logdir="$folder" runtimedir="$folder">
<bind address="127.0.0.1" port="26888" type="clients" hook="websocket">
<module name="sha1">
<module name="websocket">
<wsorigin allow="*">
<websocket defaultmode="text">
<connect allow="*" timeout="60" pingfreq="60" resolvehostnames="no">
CONF
root=
[ "$(id -u)" != 0 ] || root=--runasroot
timeout 40 root/usr/sbin/inspircd --nofork --nopid $root \
  --config "$folder/server.conf" >server.log 2>&1 &
server=$!
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";

const origin = "http://irc.example";
async function dial(protocols = []) {
  for (let attempt = 0;; attempt++) {
    const socket = new WebSocket("ws://127.0.0.1:26888/", protocols, { origin });
    try {
      await once(socket, "open");
      return socket;
    } catch (error) {
      if (error.code !== "ECONNREFUSED" || attempt === 50) throw error;
      await wait(100);
    }
  }
}

async function codeAfter(leave) {
  const socket = await dial();
  leave(socket);
  const [code] = await once(socket, "close");
  return code;
}

const seen = {
  "close(1000)": await codeAfter((socket) => socket.close(1000)),
  QUIT: await codeAfter((socket) => socket.send("QUIT :bye")),
  "text.ircv3.net": await dial(["text.ircv3.net"]).then(
    () => "connected",
    ({ message }) => message,
  ),
};
assert.deepEqual(seen, {
  "close(1000)": 1006,
  QUIT: 1006,
  "text.ircv3.net": "Server sent no subprotocol",
});
console.log("InspIRCd 3.15.0:", seen);
JS
timeout 30 node try.mjs
