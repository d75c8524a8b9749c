#!/usr/bin/env bash
# Lines of server-sent events may end in CR LF, and a "retry" that is not all digits
# is to be ignored (WHATWG HTML, section 9.2.6).
#
# Seen: parse-sse 0.1.0 makes two events of one whose CR and LF come in two pieces, as
# a proxy or the network may cut them ("a" and "b", not "a\nb"), and drops events with
# empty data; launchdarkly-eventsource 2.2.0 takes "retry: 1e3" for one millisecond
# and asks more than fifty times a second, where eventsource 4.1.1 ignores it.
# What to do: lines that end in LF alone, and "retry" in plain digits.
# Exits 0 while this is so, 1 when it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts \
  parse-sse@0.1.0 launchdarkly-eventsource@2.2.0 eventsource@4.1.1 >&2
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { EventSource } from "eventsource";
import launchdarkly from "launchdarkly-eventsource";
import { parseServerSentEvents } from "parse-sse";

async function parsed(...pieces) {
  const body = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  const headers = { "content-type": "text/event-stream" };
  const data = [];
  for await (const event of parseServerSentEvents(new Response(body, { headers }))) {
    data.push(event.data);
  }
  return data;
}

assert.deepEqual(await parsed("data: a\r\ndata: b\r\n\r\n"), ["a\nb"]);
assert.deepEqual(await parsed("data: a\r", "\ndata: b\r\n\r\n"), ["a", "b"]);
assert.deepEqual(await parsed("data: a\n\ndata:\n\n"), ["a"]);

let requests = 0;
const server = http.createServer((_request, response) => {
  requests++;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end("retry: 1e3\ndata: a\n\n");
}).listen(0, "127.0.0.1");
await once(server, "listening");

async function requestsOf(Client) {
  requests = 0;
  const source = new Client(`http://127.0.0.1:${server.address().port}/`);
  source.onerror = () => {};
  await wait(900);
  source.close();
  return requests;
}

assert.equal(await requestsOf(EventSource), 1);
assert.ok(await requestsOf(launchdarkly.EventSource) > 45);
console.log("parse-sse 0.1.0 cuts an event between CR and LF; launchdarkly-eventsource 2.2.0 takes retry 1e3 for 1 ms");
process.exit(0);
JS
timeout 30 node try.mjs
