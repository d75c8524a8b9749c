#!/usr/bin/env bash
# STOMP 1.2 says that headers are neither trimmed nor padded, that "\c" in one is a
# colon, that lines may end in CR LF, and that a content-length counts bytes, NULs
# among them. Two clients for browsers that offer 1.2 each read another part of it.
#
# Seen, for MESSAGE frames of a 1.2 server:
#   header "k: v "               @stomp/stompjs 7.5.0 "v"; webstomp-client 1.2.6 "v"
#   header "message-id:a\cb"     "a:b"; "a\cb", which an ACK then quotes
#   body of 5 bytes, NUL within  all of it; what stands before the NUL
#   lines that end in CR LF      read; no message at all
# What to do: ids and values without colons, blanks and backslashes; LF; text bodies.
# Exits 0 while this is so, 1 when it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @stomp/stompjs@7.5.0 \
  webstomp-client@1.2.6 ws@8.18.3 >&2
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "@stomp/stompjs";
import { WebSocket, WebSocketServer } from "ws";

const webstomp = createRequire(import.meta.url)("webstomp-client");
const head = "MESSAGE\nsubscription:s\ndestination:/t\n";
const FRAMES = {
  blanks: `${head}message-id:1\nk: v \n\nb\0`,
  colon: `${head}message-id:a\\cb\n\nb\0`,
  nul: `${head}message-id:3\ncontent-length:5\n\né\0é\0`,
  lines: `${head}message-id:4\n\nb\0`.replaceAll("\n", "\r\n"),
};
let frame = "";
const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  handleProtocols: () => "v12.stomp",
});
await once(server, "listening");
const url = `ws://127.0.0.1:${server.address().port}`;
server.on("connection", (socket) => {
  socket.on("message", (data) => {
    const text = String(data);
    if (/^(CONNECT|STOMP)\n/.test(text)) {
      socket.send("CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0");
    } else if (text.startsWith("SUBSCRIBE")) socket.send(frame);
  });
});
const open = () => new WebSocket(url, ["v12.stomp"]);

async function byStompjs() {
  const heard = [];
  const client = new Client({ webSocketFactory: open, reconnectDelay: 0 });
  client.onConnect = () => client.subscribe("/t", (each) => heard.push(each), { id: "s" });
  client.activate();
  await wait(400);
  await client.deactivate({ force: true });
  return heard;
}

async function byWebstomp() {
  const heard = [];
  const socket = open();
  const client = webstomp.over(socket, { debug: false, heartbeat: false, binary: false });
  await new Promise((resolve) =>
    client.connect({}, () => {
      client.subscribe("/t", (each) => heard.push(each), { id: "s" });
      resolve();
    }, () => {})
  );
  await wait(400);
  socket.terminate();
  return heard;
}

async function facts(hear) {
  const seen = {};
  for (const [name, text] of Object.entries(FRAMES)) {
    frame = text;
    const [message] = await hear();
    seen[name] = message === undefined ? null : {
      blanks: message.headers.k,
      colon: message.headers["message-id"],
      nul: message.body,
      lines: message.body,
    }[name];
  }
  return seen;
}

assert.deepEqual(await facts(byStompjs), { blanks: "v", colon: "a:b", nul: "é\0é", lines: "b" });
assert.deepEqual(await facts(byWebstomp), { blanks: "v", colon: "a\\cb", nul: "é", lines: null });
console.log("@stomp/stompjs 7.5.0 trims headers; webstomp-client 1.2.6 trims, does not unescape, ends bodies at NUL, reads no CR LF");
process.exit(0);
JS
timeout 30 node try.mjs
