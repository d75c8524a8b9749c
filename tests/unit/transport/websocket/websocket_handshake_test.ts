import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  acceptKey,
  encodeSwitch,
  type HandshakeRules,
} from "../../../../lib/transport/websocket/websocket_handshake.ts";
import { PLAIN_RULES } from "../_fake_stream.ts";
import { bytes, text } from "../_feed.ts";
import { type FirstWords, hearFirst } from "../_handshake.ts";

/** The example of RFC 6455, section 1.3. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

const GOOD: Record<string, string> = {
  "Host": "server.example.com",
  "Upgrade": "websocket",
  "Connection": "Upgrade",
  "Sec-WebSocket-Key": KEY,
  "Sec-WebSocket-Version": "13",
};

/** A request that is good but for what is given; an empty value leaves a header out. */
function request(
  headers: Record<string, string> = {},
  line = "GET /chat HTTP/1.1",
): string {
  const lines = Object.entries({ ...GOOD, ...headers })
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line}\r\n${lines.join("")}\r\n`;
}

function handshake(
  source: string,
  rules: Partial<HandshakeRules> = {},
): FirstWords {
  return hearFirst(bytes(source), { ...PLAIN_RULES, ...rules });
}

/** The whole answer of a refused request. */
function answerTo(
  source: string,
  rules: Partial<HandshakeRules> = {},
): string {
  const result = handshake(source, rules);
  assert(result.kind === "answered", `was ${result.kind}`);
  return text(result.answer);
}

Deno.test("judgeUpgrade() upgrades a good request and hands it on", () => {
  const source = request({ "Cookie": "a=b" });

  const result = handshake(source + "frames");

  assert(result.kind === "upgrade");
  assertEquals(result.request.target, "/chat");
  assertEquals(result.request.headers[5], ["cookie", "a=b"]);
  assertEquals(result.key, KEY);
  assertEquals(result.size, source.length);
});

Deno.test("judgeUpgrade() waits for the end of the request", () => {
  assertEquals(handshake(request().slice(0, -1)).kind, "incomplete");
});

const ACCEPTED: Record<string, Record<string, string>> = {
  "Upgrade in any case": { "Upgrade": "WebSocket" },
  "Upgrade with other protocols": { "Upgrade": "foo/2, websocket" },
  "Connection with other options": { "Connection": "keep-alive, Upgrade" },
  "an empty body": { "Content-Length": "0" },
  "an offer of extensions": {
    "Sec-WebSocket-Extensions": "permessage-deflate",
  },
};

for (const [what, headers] of Object.entries(ACCEPTED)) {
  Deno.test(`judgeUpgrade() accepts ${what} (RFC 6455, 4.2.1)`, () => {
    assertEquals(handshake(request(headers)).kind, "upgrade");
  });
}

Deno.test("judgeUpgrade() upgrades even at /healthz", () => {
  assertEquals(handshake(request({}, "GET /healthz HTTP/1.1")).kind, "upgrade");
});

const REFUSED: [what: string, source: string, status: number][] = [
  ["HTTP/1.0", request({}, "GET / HTTP/1.0"), 400],
  ["HTTP/2.0", request({}, "GET / HTTP/2.0"), 505],
  ["no Host", request({ "Host": "" }), 400],
  ["two Hosts", request({ "host": "b" }), 400],
  ["no Connection", request({ "Connection": "" }), 400],
  ["a Connection without upgrade", request({ "Connection": "close" }), 400],
  ["a body", request({ "Content-Length": "5" }), 400],
  ["a chunked body", request({ "Transfer-Encoding": "chunked" }), 400],
  ["no version", request({ "Sec-WebSocket-Version": "" }), 400],
  ["two versions", request({ "sec-websocket-version": "13" }), 400],
  ["version 8", request({ "Sec-WebSocket-Version": "8" }), 426],
  ["no key", request({ "Sec-WebSocket-Key": "" }), 400],
  ["two keys", request({ "sec-websocket-key": KEY }), 400],
  [
    "a key of 15 bytes",
    request({ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25j" }),
    400,
  ],
  [
    "a key of 17 bytes",
    request({ "Sec-WebSocket-Key": KEY.replace("==", "A=") }),
    400,
  ],
  [
    "a key that is not base64",
    request({ "Sec-WebSocket-Key": KEY.replace("d", "-") }),
    400,
  ],
  ["junk", "hello\r\n\r\n", 400],
  [
    "too many headers",
    request({ "A": `b\r\n${"A: b\r\n".repeat(100)}B: c` }),
    431,
  ],
];

for (const [what, source, status] of REFUSED) {
  Deno.test(`judgeUpgrade() answers ${what} with ${status} and a whole HTTP answer`, () => {
    const [head = "", body = ""] = answerTo(source).split("\r\n\r\n");

    assertMatch(head, new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
    assertMatch(head, new RegExp(`\r\nContent-Length: ${body.length}(\r\n|$)`));
    assertMatch(head, /\r\nConnection: (Upgrade, )?close(\r\n|$)/);
    assertMatch(body, new RegExp(`^${status} .*\n$`));
  });
}

for (const version of ["", "8"]) {
  Deno.test(`judgeUpgrade() names its version to version "${version}" (RFC 6455, 4.4)`, () => {
    const answer = answerTo(request({ "Sec-WebSocket-Version": version }));

    assertMatch(answer, /\r\nSec-WebSocket-Version: 13\r\n/);
  });
}

Deno.test("acceptKey() agrees with the example of RFC 6455, 1.3", () => {
  assertEquals(acceptKey(KEY), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

Deno.test("encodeSwitch() answers with 101, the proof, and what was agreed", () => {
  const answer = text(encodeSwitch(KEY, [["Sec-WebSocket-Protocol", "chat"]]));

  assertEquals(answer.split("\r\n"), [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptKey(KEY)}`,
    "Sec-WebSocket-Protocol: chat",
    "",
    "",
  ]);
});

for (
  const [offered, chosen] of [
    ["chat", "chat"],
    ["other, chat", "chat"],
    ["superchat, chat", "superchat"],
    ["chat, superchat", "chat"],
    ["other", undefined],
  ] as const
) {
  Deno.test(`judgeUpgrade() chooses ${chosen ?? "no sub-protocol"} of "${offered}" (RFC 6455, 4.2.2)`, () => {
    const source = request({ "Sec-WebSocket-Protocol": offered });

    const result = handshake(source, { subprotocols: ["superchat", "chat"] });

    assert(result.kind === "upgrade");
    assertEquals(
      result.headers,
      chosen === undefined ? [] : [["Sec-WebSocket-Protocol", chosen]],
    );
  });
}

for (const names of [" ", ",", "chat,", ", chat ,,superchat"]) {
  Deno.test(`judgeUpgrade() leaves out what is empty of sub-protocols "${names}" (RFC 9110, 5.6.1)`, () => {
    const source = request({ "Sec-WebSocket-Protocol": names });

    const result = handshake(source, { subprotocols: ["chat"] });

    assert(result.kind === "upgrade");
    assertEquals(
      [result.headers, result.unmet],
      names.includes("chat")
        ? [[["Sec-WebSocket-Protocol", "chat"]], []]
        : [[], []],
    );
  });
}

Deno.test("judgeUpgrade() says which sub-protocols were asked for in vain", () => {
  const source = request({ "Sec-WebSocket-Protocol": "mqtt, wamp" });

  const result = handshake(source, { subprotocols: ["chat"] });

  assert(result.kind === "upgrade");
  assertEquals([result.headers, result.unmet], [[], ["mqtt", "wamp"]]);
});

Deno.test("judgeUpgrade() leaves out what is empty of extensions", () => {
  const deflate = { contextTakeover: true, windowBits: 15 };
  const source = request({
    "Sec-WebSocket-Extensions":
      "\r\nSec-WebSocket-Extensions: , permessage-deflate,",
  });

  const result = handshake(source, { deflate });

  assert(result.kind === "upgrade");
  assertEquals(result.headers, [
    ["Sec-WebSocket-Extensions", "permessage-deflate"],
  ]);
});

for (const names of ["a b", "chat, chat", '"chat"']) {
  Deno.test(`judgeUpgrade() answers sub-protocols "${names}" with 400 (RFC 6455, 4.1)`, () => {
    const source = request({ "Sec-WebSocket-Protocol": names });

    assertMatch(answerTo(source), /^HTTP\/1\.1 400 /);
  });
}

for (
  const [origin, status] of [
    ["https://example.com", 101],
    ["HTTPS://EXAMPLE.com", 101],
    ["https://www.example.org", 101],
    ["https://a.b.example.org", 101],
    ["", 101],
    ["http://example.com", 403],
    ["https://example.com.evil.net", 403],
    ["https://evilexample.org", 403],
    ["https://example.org", 403],
    ["null", 403],
  ] as const
) {
  Deno.test(`judgeUpgrade() meets origin "${origin}" with ${status} (RFC 6455, 10.2)`, () => {
    const origins = ["https://example.com", "https://*.example.org"];
    const source = request({ "Origin": origin });

    const result = handshake(source, { origins });

    if (status === 101) assertEquals(result.kind, "upgrade");
    else assertMatch(answerTo(source, { origins }), /^HTTP\/1\.1 403 /);
  });
}

Deno.test("judgeUpgrade() agrees on compression only if the listener wishes it", () => {
  const source = request({
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
  });
  const deflate = { contextTakeover: true, windowBits: 15 };

  const without = handshake(source);
  const agreed = handshake(source, { deflate });

  assert(without.kind === "upgrade" && agreed.kind === "upgrade");
  assertEquals([without.headers, without.deflate], [[], undefined]);
  assertEquals(agreed.headers, [
    ["Sec-WebSocket-Extensions", "permessage-deflate"],
  ]);
});

Deno.test("judgeUpgrade() answers extensions that cannot be read with 400 (RFC 6455, 9.1)", () => {
  for (const value of ["a b", "a;", "a; b=", 'a; b="c', "=a", "a=b"]) {
    const source = request({ "Sec-WebSocket-Extensions": value });

    assertMatch(answerTo(source), /^HTTP\/1\.1 400 /, value);
  }
});
