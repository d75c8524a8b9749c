import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  formatAddress,
  isLoopback,
  parseAddress,
  whyNotDialable,
} from "../../../lib/base/address.ts";

const addresses: Record<string, { hostname: string; port: number }> = {
  "127.0.0.1:1236": { hostname: "127.0.0.1", port: 1236 },
  "gateway-1.example.com:0": { hostname: "gateway-1.example.com", port: 0 },
  "localhost:65535": { hostname: "localhost", port: 65535 },
  "[::1]:8282": { hostname: "::1", port: 8282 },
  "[fe80::1%2]:1": { hostname: "fe80::1%2", port: 1 },
};

for (const [text, address] of Object.entries(addresses)) {
  Deno.test(`parseAddress() reads ${text}, and formatAddress() writes it`, () => {
    assertEquals(parseAddress(text), address);
    assertEquals(formatAddress(address), text);
  });
}

const notAddresses = [
  "",
  "127.0.0.1",
  ":1236",
  "127.0.0.1:",
  "127.0.0.1:65536",
  "127.0.0.1:123456",
  "127.0.0.1:-1",
  "127.0.0.1:http",
  "::1:1236",
  "[::1]",
  "[localhost]:1236",
  "local host:1236",
  " 127.0.0.1:1236",
  "tcp://127.0.0.1:1236",
];

for (const text of notAddresses) {
  Deno.test(`parseAddress() throws TypeError for "${text}"`, () => {
    assertThrows(
      () => parseAddress(text),
      TypeError,
      `current value is "${text}"`,
    );
  });
}

Deno.test("isLoopback() knows this machine from all others", () => {
  const own = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"];
  for (const hostname of [...own, "localhost", "LocalHost"]) {
    assert(isLoopback(hostname), hostname);
  }
  const others = ["0.0.0.0", "::", "10.0.0.1", "fd00::1", "gateway-1", ""];
  for (const hostname of [...others, "127.0.0.1.example.com", "128.0.0.1"]) {
    assertFalse(isLoopback(hostname), hostname);
  }
});

Deno.test("whyNotDialable() has nothing against what other machines can dial", () => {
  for (
    const hostname of [
      "10.0.0.5",
      "192.168.1.255",
      "127.0.0.1",
      "fd00::5",
      "2001:db8::1",
      "::1",
      "gateway-1",
      "gateway_1.example.com",
    ]
  ) assertEquals(whyNotDialable(hostname), undefined, hostname);
});

const undialable: Record<string, string> = {
  "": "it is empty",
  "0.0.0.0": "every address",
  "0.0.0.7": "every address",
  "::": "every address",
  "0:0:0:0:0:0:0:0": "every address",
  "224.0.0.1": "many machines",
  "255.255.255.255": "many machines, or of none",
  "ff02::1": "many machines",
  "fe80::1": "link-local",
  "10.0.0.5:2000": "without a port",
  "gateway-1:2000": "without a port",
  "10.0.0": "neither an IP address nor a host name",
  "256.0.0.1": "no IP address",
  "ws://10.0.0.5": "neither an IP address nor a host name",
  "two words": "neither an IP address nor a host name",
};

for (const [hostname, reason] of Object.entries(undialable)) {
  Deno.test(`whyNotDialable() explains what is wrong with "${hostname}"`, () => {
    assertStringIncludes(whyNotDialable(hostname) ?? "", reason);
  });
}
