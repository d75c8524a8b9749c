import { assertEquals, assertThrows } from "@std/assert";
import { formatAddress, parseAddress } from "../../../lib/base/address.ts";

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
