#!/usr/bin/env bash
# reconnecting-websocket 4.4.0 and its successor partysocket 1.3.0 send what was
# queued while they were not connected before they call the `open` handler, where
# programs log in: a server that wants the login first sees another message first,
# after every reconnect. And they come back after every close code, 1000 and 1008
# included: a server cannot send them away with a code alone.
#
# Seen: queued "one", `open` sends "login": the server hears "one", "login"; after a
# close with 1000 and with 1008 they connect again within a second.
# What to do: let the first message of any kind carry the credential, or put it into
# the URL or a cookie; and call `close()` in the page on codes that are final.
# Exits 0 while this is so, 1 when it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts \
  reconnecting-websocket@4.4.0 partysocket@1.3.0 ws@8.18.3 >&2
cat >try.mjs <<'JS'
import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { WebSocket, WebSocketServer } from "ws";

const require = createRequire(import.meta.url);
const kinds = {
  "reconnecting-websocket 4.4.0": require("reconnecting-websocket"),
  "partysocket 1.3.0": (await import("partysocket/ws")).default,
};
const options = { WebSocket, minReconnectionDelay: 50, maxReconnectionDelay: 100 };

async function heard(Client) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const url = `ws://127.0.0.1:${server.address().port}`;
  const client = new (Client.default ?? Client)(url, [], options);
  client.addEventListener("open", () => client.send("login"));
  client.send("one");
  const [first] = await once(server, "connection");
  const messages = [];
  first.on("message", (message) => messages.push(String(message)));
  while (messages.length < 2) await once(first, "message");
  for (const code of [1000, 1008]) {
    const again = once(server, "connection", { signal: AbortSignal.timeout(5_000) });
    for (const socket of server.clients) socket.close(code);
    await again;
  }
  client.close();
  server.close();
  return messages;
}

for (const [name, Client] of Object.entries(kinds)) {
  assert.deepEqual(await heard(Client), ["one", "login"]);
  console.log(`${name}: queued messages go before the open handler; comes back after 1000 and 1008`);
}
process.exit(0);
JS
node try.mjs
