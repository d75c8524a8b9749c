#!/usr/bin/env bash
# Caddy 2.6.2 (Debian 12) ends all WebSockets when its configuration is loaded again,
# with a close frame to both sides. The one to the server has no mask, which a client's
# must have (RFC 6455, 5.1): the server sees a broken client, where nobody did anything
# wrong, and may tell it so: 1002, after which some clients do not come back.
#
# Seen: the client gets 88 02 03 e9, which is 1001; the server gets the same four bytes,
# where a client's close frame would be 88 82, a mask, and the code under it.
# What to do: reload when few clients are there, and let them come back after 1002.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg and node.
set -eu
folder=$(mktemp -d)
caddy=
trap '[ -z "$caddy" ] || kill "$caddy" 2>/dev/null || :; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -q caddy=2.6.2-5 >&2
dpkg -x caddy_*.deb root
cat >Caddyfile <<'CONF'
{
	admin 127.0.0.1:26919
	auto_https off
}
http://127.0.0.1:26980 {
	reverse_proxy 127.0.0.1:26981
}
CONF
export HOME=$folder XDG_DATA_HOME=$folder XDG_CONFIG_HOME=$folder
config="--adapter caddyfile --config Caddyfile"
root/usr/bin/caddy run $config 2>caddy.log &
caddy=$!
cat >try.mjs <<'JS'
import { execFileSync } from "node:child_process";
import net from "node:net";

const HEAD = "\r\n\r\n";
const got = { server: "", client: "" };
let open = 2;
/** Keeps what comes behind the head; `ready` is called when that is there. */
function listen(socket, name, ready) {
  let head = "";
  let isOpen = false;
  socket.on("error", () => {});
  socket.on("close", () => {
    if (isOpen && --open === 0) {
      console.log(`client ${got.client} server ${got.server}`);
      process.exit(0);
    }
  });
  socket.on("data", (chunk) => {
    if (isOpen) return void (got[name] += chunk.toString("hex"));
    head += chunk.toString("latin1");
    if (!head.includes(HEAD)) return;
    isOpen = true;
    got[name] += Buffer.from(head.split(HEAD)[1], "latin1").toString("hex");
    ready(head);
  });
}
const server = net.createServer((socket) => {
  listen(socket, "server", () =>
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
        "Connection: Upgrade\r\n" +
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" + HEAD,
    ));
});
server.listen(26981, "127.0.0.1", () => dial(50));

/** Connects; Caddy may need a moment until it listens. */
function dial(attempts) {
  const client = net.connect(26980, "127.0.0.1");
  client.on("connect", () => {
    client.write(
      "GET / HTTP/1.1\r\nHost: 127.0.0.1:26980\r\nUpgrade: websocket\r\n" +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" + HEAD,
    );
  });
  client.on("error", () => setTimeout(() => dial(attempts - 1), 200));
  if (attempts === 0) process.exit(1);
  listen(client, "client", () => {
    const load = ["reload", "--force", ...process.argv.slice(2)];
    execFileSync("root/usr/bin/caddy", load, { stdio: "ignore" });
  });
}
JS
seen=$(node try.mjs $config)
echo "Caddy 2.6.2: $seen"
[ "$seen" = "client 880203e9 server 880203e9" ]
