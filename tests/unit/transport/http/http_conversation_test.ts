import { assert, assertEquals, assertMatch } from "@std/assert";
import { HttpConversation } from "../../../../lib/transport/http/http_conversation.ts";
import { DEFAULT_HEAD_LIMITS } from "../../../../lib/transport/http/http_head.ts";
import { healthRoutes } from "../../../../lib/transport/http/http_routes.ts";
import { bytes, concat, fedEveryWay, text } from "../_feed.ts";
import { UPGRADE_REQUEST } from "../_raw_client.ts";

/** What a client gets for what it says: answers, then how it goes on. */
function talk(source: string, whyNotReady?: string): string[] {
  const said = fedEveryWay(bytes(source), (pieces) => {
    const http = new HttpConversation(
      DEFAULT_HEAD_LIMITS,
      healthRoutes(() => whyNotReady),
    );
    const lines: string[] = [];
    let rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);
    for (const piece of pieces) {
      rest = concat(rest, piece);
      const { taken, answers, next } = http.hear(rest, 0, rest.length);
      lines.push(...answers.map((answer) => withoutDate(text(answer))));
      if (next.kind !== "more") return [...lines, next.kind];
      rest = rest.slice(taken);
    }
    return [...lines, http.isIdle ? "idle" : "incomplete"];
  });
  return said;
}

function withoutDate(answer: string): string {
  return answer.replace(/Date: [^\r]*\r\n/, "");
}

/** Status, the header Connection, and the body of an answer. */
function gist(answer = ""): [string, string, string] {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  const [, status = ""] = /^HTTP\/1\.1 (\d{3}) /.exec(head) ?? [];
  const [, connection = ""] = /\r\nConnection: ([^\r]*)/.exec(head) ?? [];
  return [status, connection, body];
}

const HOST = "Host: a\r\n";

for (const target of ["/healthz", "/healthz?from=probe", "http://a/healthz"]) {
  Deno.test(`HttpConversation answers GET ${target} with 200 ok, and stays`, () => {
    const [answer, end] = talk(`GET ${target} HTTP/1.1\r\n${HOST}\r\n`);

    assertEquals([...gist(answer), end], ["200", "", "ok", "idle"]);
  });
}

Deno.test("HttpConversation answers /readyz with 200, or with 503 and why not", () => {
  const request = `GET /readyz HTTP/1.1\r\n${HOST}\r\n`;

  assertEquals(gist(talk(request)[0]), ["200", "", "ready"]);
  assertEquals(gist(talk(request, "no worker is here")[0]), [
    "503",
    "",
    "503 not ready: no worker is here\n",
  ]);
});

for (const target of ["/", "/healthz", "/readyz"]) {
  Deno.test(`HttpConversation answers HEAD ${target} as GET, without the body (RFC 9110, 9.3.2)`, () => {
    const [got = ""] = talk(`GET ${target} HTTP/1.1\r\n${HOST}\r\n`, "why");
    const [head] = talk(`HEAD ${target} HTTP/1.1\r\n${HOST}\r\n`, "why");

    assertEquals(head, got.slice(0, got.indexOf("\r\n\r\n") + 4));
  });
}

Deno.test("HttpConversation answers the default check of HAProxy", () => {
  const [answer, end] = talk("OPTIONS / HTTP/1.0\r\n\r\n");

  assertEquals([...gist(answer), end], ["200", "close", "", "end"]);
  assertMatch(answer ?? "", /\r\nContent-Length: 0\r\n/);
  assertMatch(answer ?? "", /\r\nAllow: GET, HEAD, OPTIONS\r\n/);
});

Deno.test("HttpConversation answers OPTIONS * (RFC 9110, 9.3.7)", () => {
  const [answer] = talk(`OPTIONS * HTTP/1.1\r\n${HOST}\r\n`);

  assertEquals(gist(answer), ["200", "", ""]);
});

Deno.test("HttpConversation tells a client that speaks HTTP what is spoken here", () => {
  const [answer = "", end] = talk(`GET /a HTTP/1.1\r\n${HOST}\r\n`);

  assertMatch(answer, /^HTTP\/1\.1 426 Upgrade Required\r\n/);
  assertMatch(answer, /\r\nUpgrade: websocket\r\n/);
  assertMatch(answer, /\r\nConnection: Upgrade\r\n/);
  assertMatch(answer, /speaks WebSocket/);
  assertEquals(end, "idle");
});

Deno.test("HttpConversation tells who offers HTTP/2 the same in HTTP/1.1", () => {
  const [answer] = talk(
    `GET /healthz HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\n` +
      "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n",
  );

  assertEquals(gist(answer), ["200", "", "ok"]);
});

for (
  const [what, lines, connection, end] of [
    ["HTTP/1.1", `HTTP/1.1\r\n${HOST}`, "", "idle"],
    [
      "HTTP/1.1 with close",
      `HTTP/1.1\r\n${HOST}Connection: x, Close\r\n`,
      "close",
      "end",
    ],
    ["HTTP/1.0", "HTTP/1.0\r\n", "close", "end"],
    [
      "HTTP/1.0 with keep-alive",
      "HTTP/1.0\r\nConnection: Keep-Alive\r\n",
      "keep-alive",
      "idle",
    ],
  ] as const
) {
  Deno.test(`HttpConversation with ${what} is "${end}" after the answer (RFC 9112, 9.3)`, () => {
    const [answer, then] = talk(`GET /healthz ${lines}\r\n`);

    assertEquals([gist(answer)[1], then], [connection, end]);
  });
}

Deno.test("HttpConversation answers requests that come together in their order", () => {
  const get = (path: string) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`;

  const said = talk(get("/healthz") + get("/readyz") + get("/healthz"), "why");

  assertEquals(said.map((answer) => gist(answer)[0]), [
    "200",
    "503",
    "200",
    "",
  ]);
  assertEquals(said.at(-1), "idle");
});

Deno.test("HttpConversation ends after a hundred requests, whatever follows", () => {
  const http = new HttpConversation(
    DEFAULT_HEAD_LIMITS,
    healthRoutes(() => undefined),
  );
  const many = bytes(`GET /healthz HTTP/1.1\r\n${HOST}\r\n`.repeat(2_000));

  const { answers, next } = http.hear(many, 0, many.length);

  assertEquals([answers.length, next.kind], [100, "end"]);
  assertEquals(gist(text(answers[99] as Uint8Array))[1], "close");
  assertEquals(gist(text(answers[98] as Uint8Array))[1], "");
});

for (
  const [what, head, body] of [
    ["a length", "Content-Length: 5\r\n", "hello"],
    ["chunks", "Transfer-Encoding: Chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"],
  ] as const
) {
  Deno.test(`HttpConversation reads a body with ${what} before it answers, and stays`, () => {
    const post = `POST /a HTTP/1.1\r\n${HOST}${head}\r\n`;
    const get = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`;

    assertEquals(talk(post + body.slice(0, -1)), ["incomplete"]);
    const [answer, next, end] = talk(post + body + get);

    assertEquals(gist(answer), [
      "405",
      "",
      "405 only GET, HEAD, OPTIONS are answered here\n",
    ]);
    assertEquals([gist(next)[0], end], ["200", "idle"]);
  });
}

for (
  const [what, request, status] of [
    ["junk", "hello\r\n\r\n", "400"],
    ["no Host", "GET /healthz HTTP/1.1\r\n\r\n", "400"],
    ["a POST without Host", "POST / HTTP/1.1\r\n\r\n", "400"],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"],
    [
      "a body that is too long",
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 99999\r\n\r\n`,
      "413",
    ],
    [
      "a body of two lengths",
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n` +
      "Transfer-Encoding: chunked\r\n\r\n",
      "400",
    ],
    [
      "chunks that are none",
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nx\r\n`,
      "400",
    ],
  ] as const
) {
  Deno.test(`HttpConversation answers ${what} with ${status}, and ends`, () => {
    const [answer, end] = talk(`${request}GET /healthz HTTP/1.1\r\n\r\n`);

    assertEquals([...gist(answer).slice(0, 2), end], [status, "close", "end"]);
  });
}

Deno.test("HttpConversation lets nobody wait who asks before sending a body (RFC 9110, 10.1.1)", () => {
  const [answer, end] = talk(
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n`,
  );

  assertEquals([...gist(answer).slice(0, 2), end], ["405", "close", "end"]);
});

Deno.test("HttpConversation hands on an upgrade, also after other requests", () => {
  const get = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`;

  assertEquals(talk(UPGRADE_REQUEST), ["upgrade"]);
  const [answer, end] = talk(get + UPGRADE_REQUEST + "frames");

  assertEquals([gist(answer)[0], end], ["200", "upgrade"]);
});

Deno.test("HttpConversation.hear() takes an upgrade request and nothing behind it", () => {
  const http = new HttpConversation(
    DEFAULT_HEAD_LIMITS,
    healthRoutes(() => undefined),
  );
  const source = bytes(`${UPGRADE_REQUEST}frames`);

  const { taken, next } = http.hear(source, 0, source.length);

  assert(next.kind === "upgrade");
  assertEquals([taken, next.head.target], [
    UPGRADE_REQUEST.length,
    "/room?id=7",
  ]);
});
