#!/usr/bin/env bash
# A socket of node:tls never says "end" in Deno 2.9.6 if its client has sent 200,000 bytes
# and its close_notify before somebody listens, 100 ms after the handshake: all
# bytes come, and the connection stays for ever. With 60,000 bytes the end comes. (What is
# decrypted is pushed until the stream is full, reading then stops, and the end that was
# decrypted with it is forgotten.)
#
# Seen: 60,000 bytes: "end" in both; 200,000 bytes: "end" in Node 20, none in Deno 2.9.6.
# What to do: listen in the very event "secureConnection"; or a time limit of one's own.
# Exits 0 while this is so, 1 when it changed; wants node, npm and openssl.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund deno@2.9.6 >&2
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
  -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null
cat >try.mjs <<'JS'
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import process from "node:process";
import { connect, createServer } from "node:tls";

const [cert, key] = ["cert.pem", "key.pem"].map((name) => readFileSync(name));
const server = createServer({ cert, key }, (socket) => {
  let heard = 0;
  let end = "no end";
  socket.on("error", () => {});
  setTimeout(() => {
    socket.on("data", (chunk) => heard += chunk.length);
    socket.on("end", () => end = "end");
  }, 100);
  setTimeout(() => {
    console.log(heard, end);
    process.exit(0);
  }, 2_000);
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const host = "127.0.0.1";
  const client = connect({ port, host, rejectUnauthorized: false });
  client.on("error", () => {});
  client.end(Buffer.alloc(Number(process.argv[2])));
});
JS
short="$(node try.mjs 60000), $(./node_modules/.bin/deno run -A try.mjs 60000)"
long="$(node try.mjs 200000), $(./node_modules/.bin/deno run -A try.mjs 200000)"
echo "Node, Deno: $short; $long"
[ "$short" = "60000 end, 60000 end" ] && [ "$long" = "200000 end, 200000 no end" ]
