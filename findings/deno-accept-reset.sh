#!/usr/bin/env bash
# A connection that its peer resets before the server takes it is nothing of note to
# accept(2), which hands it out. Deno.Listener.accept() rejects with NotConnected
# instead, as it asks for the peer's address first: a loop that ends, or rests, when
# accept() fails, as for want of descriptors, is held up by connections that were
# merely given up, such as those of a health check or of a port scan.
#
# Seen: Deno 2.9.6 rejects with NotConnected, "Transport endpoint is not connected (os
# error 107)"; Node 20 hands out a socket without remoteAddress, then ECONNRESET.
# What to do: go on at once after NotConnected and ConnectionReset.
# Exits 0 while this is so, 1 when it changed; wants node and npx.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund deno@2.9.6 >&2
cat >reset.mjs <<'JS'
import net from "node:net";
import process from "node:process";

const socket = net.connect(Number(process.argv[2]), "127.0.0.1", () => {
  socket.resetAndDestroy();
  setTimeout(() => process.exit(0), 200);
});
JS
cat >try.ts <<'TS'
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const args = ["reset.mjs", String(listener.addr.port)];
await new Deno.Command("node", { args }).output();
try {
  await listener.accept();
  console.log("accepted");
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}
listener.close();
TS
cat >try.mjs <<'JS'
import { execFile } from "node:child_process";
import net from "node:net";
import process from "node:process";

const server = net.createServer((socket) => {
  console.log(`accepted from ${socket.remoteAddress}`);
  process.exit(0);
});
server.listen(0, "127.0.0.1", () => {
  // Blocks, so that the reset is there before the connection is taken.
  execFile("node", ["reset.mjs", String(server.address().port)]);
  const end = performance.now() + 1_500;
  while (performance.now() < end);
});
JS
deno=$(DENO_NO_UPDATE_CHECK=1 npx deno run -A --no-check try.ts)
node=$(node try.mjs)
echo "Deno 2.9.6: $deno; Node: $node"
[ "${deno%%:*}" = NotConnected ] && [ "$node" = "accepted from undefined" ]
