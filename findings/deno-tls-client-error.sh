#!/usr/bin/env bash
# A server of node:tls learns by "tlsClientError" that somebody's handshake failed. In
# Node the socket that comes with it says who it was; in Deno 2.9.6 it says nothing,
# so that a port that strangers knock at logs refusals without an address.
#
# Seen, for a client that sends plain HTTP to the TLS port:
#   Node 20    ERR_SSL_HTTP_REQUEST, remoteAddress "127.0.0.1"
#   Deno 2.9.6 ERR_SSL_WRONG_VERSION_NUMBER, remoteAddress undefined
# What to do: note the address in "connection", which comes before, and look it up by
# the socket that broke.
# Exits 0 while this is so, 1 when it changed; wants node, npx and openssl.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund deno@2.9.6 >&2
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
  -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null
cat >try.mjs <<'JS'
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import process from "node:process";
import tls from "node:tls";

const server = tls.createServer({
  key: readFileSync("key.pem"),
  cert: readFileSync("cert.pem"),
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const client = net.connect(server.address().port, "127.0.0.1");
client.on("error", () => {});
client.resume().write("GET / HTTP/1.1\r\n\r\n");
server.on("tlsClientError", (error, socket) => {
  console.log(error.code, String(socket.remoteAddress));
  process.exit(0);
});
setTimeout(() => process.exit(1), 10_000);
JS
node=$(node try.mjs)
deno=$(DENO_NO_UPDATE_CHECK=1 npx deno run -A try.mjs)
echo "Node: $node; Deno 2.9.6: $deno"
[ "${node#* }" = 127.0.0.1 ] && [ "${deno#* }" = undefined ]
