#!/usr/bin/env bash
# Where a stream of server-sent events was left is told by the id of its last event
# (WHATWG HTML, section 9.2.6). Three clients for Node tell it each in its own way.
#
# Seen: of "id: 7", an event, then an event without id
#   eventsource 4.1.1               second event: lastEventId "", though it sends 7
#                                   as Last-Event-ID when it connects again
#   launchdarkly-eventsource 2.2.0  second event: lastEventId "7", as the standard has it
#   fetch-event-stream 0.1.6        first event: the number 7, not the text "7"; second: none
# What to do: an id with each event, and `String(event.id)`.
# Exits 0 while this is so, 1 when it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts \
  eventsource@4.1.1 launchdarkly-eventsource@2.2.0 fetch-event-stream@0.1.6 >&2
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { EventSource } from "eventsource";
import { events } from "fetch-event-stream";
import launchdarkly from "launchdarkly-eventsource";

const sent = "retry: 50\nid: 7\ndata: a\n\ndata: b\n\n";
const server = http.createServer((request, response) => {
  server.emit("asked", request.headers["last-event-id"]);
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(sent);
}).listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}/`;

async function idsOf(Client) {
  const source = new Client(url);
  const ids = [];
  source.onerror = () => {};
  source.onmessage = ({ lastEventId }) => ids.push(lastEventId);
  await once(server, "asked");
  const [again] = await once(server, "asked");
  source.close();
  return { ids: ids.slice(0, 2), again };
}

assert.deepEqual(await idsOf(EventSource), { ids: ["7", ""], again: "7" });
assert.deepEqual(await idsOf(launchdarkly.EventSource), { ids: ["7", "7"], again: "7" });
const ids = [];
for await (const event of events(await fetch(url))) ids.push(event.id);
assert.deepEqual(ids, [7, undefined]);
console.log("eventsource 4.1.1 forgets the id for later events, fetch-event-stream 0.1.6 makes it a number");
process.exit(0);
JS
timeout 30 node try.mjs
