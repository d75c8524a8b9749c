#!/usr/bin/env bash
# pause() of a socket of node:tls stops its "data" events in Deno 2.9.6, and not the
# reading: what the other side sends is decrypted and kept without limit, and the other
# side never notices that nobody reads. A socket of node:net stops, in both.
#
# Seen, of 32 MiB that are sent to a client that is paused, within two seconds:
#   Node 20    some 4 MiB are taken, by node:net and by node:tls: the kernels' buffers
#   Deno 2.9.6 the same by node:net, all 32 by node:tls
# What to do: Deno.startTls and Deno.connectTls, which read when they are asked to; or
# readStop() of the handle below (undocumented).
# Exits 0 while this is so, 1 when it changed; wants node, npx and openssl.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund deno@2.9.6 >&2
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
  -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost 2>/dev/null
cat >server.mjs <<'JS'
import { readFileSync } from "node:fs";
import net from "node:net";
import tls from "node:tls";

const TOTAL = 32 * 1024 * 1024;
const serve = (socket) => {
  let taken = 0;
  const piece = new Uint8Array(65_536);
  const next = () => {
    taken += piece.length;
    if (taken < TOTAL) socket.write(piece, next);
  };
  socket.on("error", () => {});
  socket.write(piece, next);
  setTimeout(() => {
    console.log(taken >= TOTAL ? "all" : "part");
    process.exit(0);
  }, 2_000);
};
const credentials = {
  key: readFileSync("key.pem"),
  cert: readFileSync("cert.pem"),
};
const server = process.argv[2] === "tls"
  ? tls.createServer(credentials, serve)
  : net.createServer(serve);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
JS
cat >client.mjs <<'JS'
import { readFileSync } from "node:fs";
import net from "node:net";
import process from "node:process";
import tls from "node:tls";

const [, , kind, port] = process.argv;
const to = { host: "127.0.0.1", port: Number(port) };
const socket = kind === "tls"
  ? tls.connect({
    ...to,
    servername: "localhost",
    ca: readFileSync("cert.pem"),
  })
  : net.connect(to);
socket.on("data", () => {});
socket.pause();
socket.on("close", () => process.exit(0));
socket.on("error", () => process.exit(0));
setTimeout(() => process.exit(0), 20_000);
JS
# How much of it a client takes that is paused: the server is Node's, always.
try() {
  kind=$1
  shift
  node server.mjs "$kind" >"$kind.out" &
  server=$!
  until [ -s "$kind.out" ]; do sleep 0.1; done
  "$@" client.mjs "$kind" "$(head -1 "$kind.out")" >&2 &
  client=$!
  wait "$server"
  kill "$client" 2>/dev/null || true
  wait "$client" 2>/dev/null || true
  tail -1 "$kind.out"
  rm "$kind.out"
}
export DENO_NO_UPDATE_CHECK=1
deno="node_modules/.bin/deno run -A --no-check"
seen="Node $(try net node) $(try tls node), Deno $(try net $deno) $(try tls $deno)"
echo "net and tls: $seen"
[ "$seen" = "Node part part, Deno part all" ]
