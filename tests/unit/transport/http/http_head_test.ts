import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  DEFAULT_HEAD_LIMITS,
  hasToken,
  headerValues,
  HeadReader,
  type HeadResult,
  type RequestHead,
} from "../../../../lib/transport/http/http_head.ts";
import { bytes, concat, fedEveryWay } from "../_feed.ts";

/** Reads a request whole, byte by byte and cut everywhere; returns the one result. */
function read(request: string | Uint8Array): HeadResult {
  const source = typeof request === "string" ? bytes(request) : request;
  const [json = ""] = fedEveryWay(source, (pieces) => {
    const reader = new HeadReader();
    let all = new Uint8Array(0);
    let result: HeadResult = { kind: "incomplete" };
    for (const piece of pieces) {
      all = concat(all, piece);
      result = reader.read(concat(bytes("??"), all), 2, 2 + all.length);
      if (result.kind !== "incomplete") break;
    }
    return [JSON.stringify(result)];
  });
  return JSON.parse(json);
}

function readHead(request: string): RequestHead {
  const result = read(request);
  assert(result.kind === "head", JSON.stringify(result));
  return result.head;
}

function statusOf(request: string | Uint8Array): number | string {
  const result = read(request);
  return result.kind === "malformed" ? result.status : result.kind;
}

Deno.test("HeadReader.read() finds the request line and the headers", () => {
  const head = readHead(
    "GET /room?id=7 HTTP/1.1\r\nHost: a\r\nX-Two:1\r\nx-two: \t 2 \t\r\n\r\n",
  );

  assertEquals(head, {
    method: "GET",
    target: "/room?id=7",
    minorVersion: 1,
    headers: [["host", "a"], ["x-two", "1"], ["x-two", "2"]],
  });
});

Deno.test("HeadReader.read() tells where the next protocol begins", () => {
  const request = bytes("GET / HTTP/1.1\r\n\r\n");
  const buffer = concat(request, Uint8Array.of(0x81, 0x80, 0));

  const result = new HeadReader().read(buffer, 0, buffer.length);

  assert(result.kind === "head");
  assertEquals(result.size, request.length);
});

Deno.test("HeadReader.read() skips empty lines before the request (RFC 9112, 2.2)", () => {
  assertEquals(readHead("\r\n\r\nGET /a HTTP/1.1\r\n\r\n").target, "/a");
});

Deno.test("HeadReader.read() takes the path of an absolute target (RFC 9112, 3.2.2)", () => {
  const targetOf = (target: string) =>
    readHead(`GET ${target} HTTP/1.1\r\n\r\n`).target;

  assertEquals(targetOf("http://example.com/a?b"), "/a?b");
  assertEquals(targetOf("HTTP://example.com"), "/");
  assertEquals(targetOf("http://example.com?b"), "/?b");
});

Deno.test("HeadReader.read() takes * as target of OPTIONS (RFC 9112, 3.2.4)", () => {
  assertEquals(readHead("OPTIONS * HTTP/1.1\r\n\r\n").target, "*");
});

Deno.test("HeadReader.read() encodes a target in UTF-8 as browsers do", () => {
  const { target } = readHead("GET /räume?name=Zoë&x=%C3%A4 HTTP/1.1\r\n\r\n");

  assertEquals(target, "/r%C3%A4ume?name=Zo%C3%AB&x=%C3%A4");
  assertEquals(
    new URL(target, "http://a/räume").searchParams.get("name"),
    "Zoë",
  );
});

Deno.test("HeadReader.read() keeps bytes of a header that are not ASCII", () => {
  const request = concat(
    bytes("GET / HTTP/1.1\r\nX: "),
    Uint8Array.of(0xe9, 0x80),
    bytes("\r\n\r\n"),
  );

  const result = read(request);

  assert(result.kind === "head");
  assertEquals(headerValues(result.head, "x"), ["\u00e9\u0080"]);
});

const MALFORMED: Record<string, string> = {
  "a line that ends with LF alone": "GET / HTTP/1.1\nHost: a\r\n\r\n",
  "an LF at the very beginning": "\nGET / HTTP/1.1\r\n\r\n",
  "a CR inside a line": "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
  "a NUL": "GET / HTTP/1.1\r\nA: \0\r\n\r\n",
  "a TLS greeting": "\x16\x03\x01\x02\x00",
  "a method with a bracket": "GE[T / HTTP/1.1\r\n\r\n",
  "no method": " / HTTP/1.1\r\n\r\n",
  "two blanks": "GET  / HTTP/1.1\r\n\r\n",
  "no version": "GET /\r\n\r\n",
  "a version in lower case": "GET / http/1.1\r\n\r\n",
  "a target that is no path": "GET a HTTP/1.1\r\n\r\n",
  "a target for OPTIONS alone": "GET * HTTP/1.1\r\n\r\n",
  "a header without a colon": "GET / HTTP/1.1\r\nHost\r\n\r\n",
  "a header without a name": "GET / HTTP/1.1\r\n: a\r\n\r\n",
  "a blank before the colon": "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
  "a folded header": "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
};

for (const [what, request] of Object.entries(MALFORMED)) {
  Deno.test(`HeadReader.read() refuses ${what} with 400`, () => {
    assertEquals(statusOf(request), 400);
  });
}

Deno.test("HeadReader.read() refuses HTTP/2 with 505", () => {
  assertEquals(statusOf("PRI * HTTP/2.0\r\n\r\n"), 505);
});

Deno.test("HeadReader.read() refuses what is not HTTP at its first byte", () => {
  const result = new HeadReader().read(Uint8Array.of(0x16), 0, 1);

  assertEquals(result.kind, "malformed");
});

/** A request whose head has so many bytes. */
function requestOfSize(size: number): Uint8Array {
  const frame = "GET / HTTP/1.1\r\nA: \r\n\r\n";
  return bytes(frame.replace("A: ", "A: " + "x".repeat(size - frame.length)));
}

Deno.test("HeadReader.read() takes a head of 16 KiB, and refuses one byte more with 431", () => {
  const atLimit = requestOfSize(DEFAULT_HEAD_LIMITS.maxSize);
  const past = requestOfSize(DEFAULT_HEAD_LIMITS.maxSize + 1);

  const result = new HeadReader().read(atLimit, 0, atLimit.length);
  const refusal = new HeadReader().read(past, 0, past.length);

  assertEquals(result.kind, "head");
  assert(refusal.kind === "malformed");
  assertEquals(refusal.status, 431);
});

Deno.test("HeadReader.read() refuses a head that does not end before its limit", () => {
  const endless = bytes(
    "GET / HTTP/1.1\r\nA: " + "x".repeat(DEFAULT_HEAD_LIMITS.maxSize),
  );

  const result = new HeadReader().read(endless, 0, DEFAULT_HEAD_LIMITS.maxSize);

  assert(result.kind === "malformed");
  assertEquals(result.status, 431);
});

Deno.test("HeadReader.read() takes 100 headers, and refuses 101 with 431", () => {
  const withHeaders = (count: number) =>
    `GET / HTTP/1.1\r\n${"A: b\r\n".repeat(count)}\r\n`;

  assertEquals(statusOf(withHeaders(DEFAULT_HEAD_LIMITS.maxHeaders)), "head");
  assertEquals(statusOf(withHeaders(DEFAULT_HEAD_LIMITS.maxHeaders + 1)), 431);
});

Deno.test("hasToken() looks in every line and item, in any case", () => {
  const head = readHead(
    "GET / HTTP/1.1\r\nConnection: keep-alive, UpGrade\r\nConnection: x\r\n\r\n",
  );

  assertEquals(hasToken(head, "connection", "upgrade"), true);
  assertEquals(hasToken(head, "connection", "x"), true);
  assertEquals(hasToken(head, "connection", "grade"), false);
});

Deno.test("HeadReader.read() takes any bytes at all without throwing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (source) => {
      read(source);
    }),
    { numRuns: 200 },
  );
});
