import { assertEquals, assertThrows } from "@std/assert";
import {
  type ListenUrl,
  parseListenUrl,
} from "../../../lib/transport/listen_url.ts";

const GOOD: Record<string, ListenUrl> = {
  "ws://0.0.0.0:8282": {
    protocol: "ws",
    tls: false,
    hostname: "0.0.0.0",
    port: 8282,
  },
  "wss://[::]:443/": { protocol: "ws", tls: true, hostname: "::", port: 443 },
  "text://localhost:0": {
    protocol: "text",
    tls: false,
    hostname: "localhost",
    port: 0,
  },
  "frame://a.b:1": { protocol: "frame", tls: false, hostname: "a.b", port: 1 },
  "tcp://127.0.0.1:65535": {
    protocol: "tcp",
    tls: false,
    hostname: "127.0.0.1",
    port: 65535,
  },
  "tls+text://[fe80::1]:9": {
    protocol: "text",
    tls: true,
    hostname: "fe80::1",
    port: 9,
  },
  "tls+ws://a:9": { protocol: "ws", tls: true, hostname: "a", port: 9 },
};

for (const [url, expected] of Object.entries(GOOD)) {
  Deno.test(`parseListenUrl() reads ${url}`, () => {
    assertEquals(parseListenUrl(url), expected);
  });
}

const NO_ADDRESS = [
  "",
  "0.0.0.0:8282",
  "ws://0.0.0.0",
  "ws://:8282",
  "ws://a:65536",
  "ws://::1:80",
  "ws://a:80/path",
  "ws:// a:80",
];

for (const url of NO_ADDRESS) {
  Deno.test(`parseListenUrl() refuses "${url}" and says what would be right`, () => {
    assertThrows(
      () => parseListenUrl(url),
      TypeError,
      `must be "scheme://host:port": current value is "${url}"`,
    );
  });
}

for (const scheme of ["http", "tls", "tls+wss", "udp", "tls+tls"]) {
  Deno.test(`parseListenUrl() refuses the scheme ${scheme} and lists the others`, () => {
    assertThrows(
      () => parseListenUrl(`${scheme}://127.0.0.1:1`),
      TypeError,
      `ws, wss, text, frame, tcp, tls+text, tls+frame or tls+tcp: current value is "${scheme}"`,
    );
  });
}
