#!/usr/bin/env bash
# A server of node:tls that demands certificates of clients can be entered without one
# in Deno 2.9.6: all servers of a process have one key for session tickets, and who
# resumes a session is asked for nothing. A ticket of a server that demands none, or
# that of a stranger's certificate from one with rejectUnauthorized: false, is enough,
# and with the latter `authorized` is true.
#
# Seen at the server that demands certificates (requestCert, rejectUnauthorized), from a
# client that has none and resumes a session of another server of the same process:
#   Node 20    no connection
#   Deno 2.9.6 "secureConnection", isSessionReused() true
# What to do: take no socket of which isSessionReused() is true where certificates are
# demanded, unless its certificate was checked before in a whole handshake.
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
import process from "node:process";
import tls from "node:tls";

const pair = {
  key: readFileSync("key.pem"),
  cert: readFileSync("cert.pem"),
};
const open = tls.createServer(pair, (socket) => {
  socket.on("error", () => {});
  socket.end("hello");
});
const shut = tls.createServer({
  ...pair,
  ca: pair.cert,
  requestCert: true,
  rejectUnauthorized: true,
}, (socket) => {
  socket.on("error", () => {});
  console.log("entered");
});
const refused = () => console.log("refused");
shut.on("tlsClientError", refused);
open.listen(0, "127.0.0.1", () => {
  shut.listen(0, "127.0.0.1", () => {
    console.log(`${open.address().port} ${shut.address().port}`);
  });
});
setTimeout(() => process.exit(0), 20_000);
JS
cat >client.mjs <<'JS'
import tls from "node:tls";

const [, , from, to] = process.argv;
const options = { host: "127.0.0.1", rejectUnauthorized: false };
const first = tls.connect({ ...options, port: from });
let session;
first.on("session", (ticket) => session = ticket);
first.on("data", () => {});
first.on("error", () => {});
first.on("close", () => {
  const second = tls.connect({ ...options, port: to, session });
  second.on("error", () => {});
  setTimeout(() => process.exit(0), 500);
});
JS
# What the server says of a client, which is Node's, always.
try() {
  "$@" server.mjs >out &
  server=$!
  until [ -s out ]; do sleep 0.1; done
  # shellcheck disable=SC2046 -- two ports
  node client.mjs $(head -1 out) >&2
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  sed -n 2p out
  rm out
}
export DENO_NO_UPDATE_CHECK=1
seen="Node $(try node), Deno $(try node_modules/.bin/deno run -A --no-check)"
echo "$seen"
[ "$seen" = "Node refused, Deno entered" ]
