import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type ProxyHeader,
  readProxyHeader,
} from "../../../../lib/transport/admission/proxy_header.ts";
import { bytes, concat } from "../_feed.ts";

const SIGNATURE = bytes("\r\n\r\n\0\r\nQUIT\n");

function binary(
  version: number,
  family: number,
  addresses: readonly number[],
  announced = addresses.length,
): Uint8Array {
  return concat(
    SIGNATURE,
    Uint8Array.of(version, family, announced >> 8, announced & 255),
    Uint8Array.from(addresses),
  );
}

const IPV4 = [203, 0, 113, 7, 10, 0, 0, 1, 0x10, 0x01, 0x1f, 0x90];

/** Reads a header that grows byte by byte, and then has bytes behind it. */
function read(source: Uint8Array): ProxyHeader {
  for (let end = 0; end < source.length; end++) {
    const early = readProxyHeader(source, 0, end);
    if (early.kind !== "incomplete") return early;
  }
  const surrounded = concat(bytes("xx"), source, bytes("GET / HTTP/1.1"));
  const late = readProxyHeader(surrounded, 2, surrounded.length);
  const whole = readProxyHeader(source, 0, source.length);
  if (whole.kind !== "incomplete") assertEquals(late, whole);
  return whole;
}

for (
  const [what, source, client] of [
    ["text over IPv4", "PROXY TCP4 203.0.113.7 10.0.0.1 4097 8080\r\n", {
      hostname: "203.0.113.7",
      port: 4097,
    }],
    ["text over IPv6", "PROXY TCP6 2001:db8::7 fd00::1 1 65535\r\n", {
      hostname: "2001:db8::7",
      port: 1,
    }],
    ["an unknown text", "PROXY UNKNOWN whatever\r\n", undefined],
    ["bytes over IPv4", binary(0x21, 0x11, IPV4), {
      hostname: "203.0.113.7",
      port: 4097,
    }],
    [
      "bytes with additions",
      binary(0x21, 0x11, [...IPV4, 0x04, 0x00, 0x01, 0x00]),
      { hostname: "203.0.113.7", port: 4097 },
    ],
    [
      "bytes over IPv6",
      binary(0x21, 0x21, [
        ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
        ...[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        ...[0x10, 0x01, 0x1f, 0x90],
      ]),
      { hostname: "2001:db8::7", port: 4097 },
    ],
    [
      "text over IPv6 from an IPv4 client",
      "PROXY TCP6 ::ffff:203.0.113.7 ::1 5 443\r\n",
      {
        hostname: "203.0.113.7",
        port: 5,
      },
    ],
    ["text in capitals", "PROXY TCP6 2001:DB8:0::7 ::1 5 443\r\n", {
      hostname: "2001:db8::7",
      port: 5,
    }],
    [
      "bytes over IPv6 from an IPv4 client",
      binary(0x21, 0x21, [
        ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 203, 0, 113, 7],
        ...new Array<number>(16).fill(0),
        ...[0, 5, 1, 187],
      ]),
      { hostname: "203.0.113.7", port: 5 },
    ],
    ["a proxy's own check", binary(0x20, 0x00, []), undefined],
    ["an address of another family", binary(0x21, 0x31, [1, 2]), undefined],
  ] as const
) {
  Deno.test(`readProxyHeader() reads ${what}`, () => {
    const header = typeof source === "string" ? bytes(source) : source;

    assertEquals(read(header), { kind: "header", client, size: header.length });
  });
}

for (
  const [what, source] of [
    ["HTTP", "GET / HTTP/1.1\r\n"],
    ["a line that is too long", `PROXY TCP4 ${"1".repeat(200)}`],
    ["an address that is none", "PROXY TCP4 999.1.1.1 1.1.1.1 1 1\r\n"],
    ["dots", "PROXY TCP4 .... 1.1.1.1 1 1\r\n"],
    ["colons", "PROXY TCP6 :::::: ::1 1 1\r\n"],
    ["an address of the other family", "PROXY TCP6 1.1.1.1 ::1 1 1\r\n"],
    ["a port that is none", "PROXY TCP4 1.1.1.1 1.1.1.1 70000 1\r\n"],
    ["a target that is none", "PROXY TCP4 1.1.1.1 1.1.1.1.1 1 1\r\n"],
    ["a target of the other family", "PROXY TCP4 1.1.1.1 ::1 1 1\r\n"],
    ["a port of ours that is none", "PROXY TCP4 1.1.1.1 1.1.1.1 1 70000\r\n"],
    ["a word in lower case", "proxy TCP4 1.1.1.1 1.1.1.1 1 1\r\n"],
    ["an unknown word", "PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n"],
    ["a line without CR", "PROXY UNKNOWN\n"],
    ["a wrong signature", concat(SIGNATURE.slice(0, 11), bytes("x0000"))],
    ["another version", binary(0x31, 0x11, IPV4)],
    ["an unknown command", binary(0x22, 0x11, IPV4)],
    ["too few addresses", binary(0x21, 0x11, IPV4.slice(0, 8))],
    ["more than any proxy sends", binary(0x21, 0x11, [], 5_000)],
  ] as const
) {
  Deno.test(`readProxyHeader() refuses ${what}`, () => {
    const header = typeof source === "string" ? bytes(source) : source;

    assertEquals(read(header).kind, "malformed");
  });
}

Deno.test("readProxyHeader() takes or refuses any bytes, and throws nothing", () => {
  const start = fc.constantFrom(bytes(""), SIGNATURE, bytes("PROXY TCP4 "));
  fc.assert(fc.property(start, fc.uint8Array(), (head, rest) => {
    const source = concat(head, rest);
    const header = readProxyHeader(source, 0, source.length);
    if (header.kind === "header") {
      assertEquals(header.size <= source.length, true);
    }
  }));
});
