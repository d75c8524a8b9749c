import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  canonicalIp,
  formatIp,
  networkOf,
} from "../../../lib/base/ip_address.ts";

for (
  const [canonical, ...others] of [
    ["203.0.113.7", "::ffff:203.0.113.7", "::FFFF:cb00:7107"],
    ["203.0.113.7", "0:0:0:0:0:ffff:203.0.113.7"],
    ["2001:db8::7", "2001:DB8::7", "2001:db8:0:0::7", "2001:0db8:0:0:0:0:0:7"],
    ["::1", "0:0:0:0:0:0:0:1", "0000::0001"],
    ["::", "0:0:0:0:0:0:0:0"],
    // RFC 5952, section 4.2: the longest run, the first of two, and no single word.
    ["2001:0:0:1::1", "2001:0:0:1:0:0:0:1"],
    ["2001:db8::1:0:0:1", "2001:db8:0:0:1:0:0:1"],
    ["1:0:2:3:4:5:6:7", "1::2:3:4:5:6:7"],
    ["1:2:3:4:5:6:7:8"],
    ["1:2:3:4:5:6:102:304", "1:2:3:4:5:6:1.2.3.4"],
    ["fe80::1%eth0", "FE80:0::1%eth0"],
    ["10::", "10:0:0:0:0:0:0:0"],
  ] as const
) {
  Deno.test(`canonicalIp() writes ${canonical} in one way, also as ${others.join(" or ")}`, () => {
    for (const each of [canonical, ...others]) {
      assertEquals(canonicalIp(each), canonical, each);
    }
  });
}

Deno.test("canonicalIp() knows what is no address", () => {
  const wrong = ["", "a.b", "1.2.3", "203.000.113.007", "256.1.1.1", ":::"];
  for (const each of [...wrong, "1::2::3", "[::1]", "::1:80:x", "localhost"]) {
    assertEquals(canonicalIp(each), undefined, each);
  }
});

Deno.test("canonicalIp() and formatIp() agree with the URL parser on any address", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), fc.ipV4()), (address) => {
      const canonical = canonicalIp(address) ?? "";
      assertEquals(canonicalIp(canonical), canonical);
      if (address.includes(":")) {
        const url = new URL(`http://[${address}]`).hostname.slice(1, -1);
        const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(url);
        if (mapped === null) assertEquals(canonical, url);
        else assertEquals(canonical.includes(":"), false);
      } else assertEquals(canonical, address);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const text = formatIp(bytes);
      assertEquals(canonicalIp(text), text);
    }),
  );
});

Deno.test("formatIp() writes four bytes as IPv4, and sixteen that are mapped as well", () => {
  const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 203, 0, 113, 7];

  assertEquals(formatIp(Uint8Array.of(203, 0, 113, 7)), "203.0.113.7");
  assertEquals(formatIp(Uint8Array.from(mapped)), "203.0.113.7");
});

for (
  const [address, bits, network] of [
    ["10.0.0.7", 64, "10.0.0.7"],
    ["::ffff:10.0.0.7", 64, "10.0.0.7"],
    ["::1", 64, "::/64"],
    ["fe80::1:2%eth0", 64, "fe80::/64"],
    ["1:2:3:4:5:6:7:8", 64, "1:2:3:4::/64"],
    ["2001:DB8:1:2::7", 48, "2001:db8:1::/48"],
    ["2001:db8:ffff::7", 36, "2001:db8:f000::/36"],
    ["2001:db8::7", 128, "2001:db8::7"],
    ["fe80::7%eth0", 128, "fe80::7"],
    ["ffff::", 1, "8000::/1"],
    ["::/64", 64, "::/64"],
    ["unknown", 64, "unknown"],
  ] as const
) {
  Deno.test(`networkOf() counts ${address} with ${bits} bits as ${network}`, () => {
    assertEquals(networkOf(address, bits), network);
  });
}
