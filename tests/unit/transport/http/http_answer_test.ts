import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeAnswer } from "../../../../lib/transport/http/http_answer.ts";
import { text } from "../_feed.ts";

/** The lines of an answer's head that carry a header, in lower case. */
function headersOf(answer: string, name: string): string[] {
  const [head = ""] = answer.split("\r\n\r\n");
  return head.split("\r\n").filter((line) =>
    line.toLowerCase().startsWith(`${name}:`)
  );
}

Deno.test("encodeAnswer() writes 503 with the headers given, and ends the connection", () => {
  const answer = text(
    encodeAnswer({ status: 503, body: "fül", headers: [["Retry-After", "5"]] }),
  );

  assertMatch(answer, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
  assertMatch(answer, /\r\nContent-Length: 4\r\nConnection: close\r\n/);
  assertMatch(answer, /\r\nRetry-After: 5\r\n\r\nfül$/);
});

Deno.test("encodeAnswer() says what time it is (RFC 9110, 6.6.1)", () => {
  const [date = ""] = headersOf(text(encodeAnswer({ status: 200 })), "date");

  assert(Math.abs(Date.parse(date.slice(6)) - Date.now()) < 60_000, date);
});

Deno.test("encodeAnswer() says headers once that another server's answer had as well", () => {
  const answer = text(encodeAnswer({
    status: 401,
    body: '{"error":"who?"}',
    headers: [
      ["content-length", "1"],
      ["Connection", "keep-alive"],
      ["keep-alive", "timeout=5"],
      ["Transfer-Encoding", "chunked"],
      ["date", "Thu, 01 Jan 1970 00:00:00 GMT"],
      ["content-type", "text/html"],
      ["Content-Type", "application/json"],
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2"],
    ],
  }));

  assertEquals(headersOf(answer, "content-length"), ["Content-Length: 16"]);
  assertEquals(headersOf(answer, "connection"), ["Connection: close"]);
  assertEquals(headersOf(answer, "keep-alive"), []);
  assertEquals(headersOf(answer, "transfer-encoding"), []);
  assertEquals(headersOf(answer, "date"), [
    "date: Thu, 01 Jan 1970 00:00:00 GMT",
  ]);
  assertEquals(headersOf(answer, "content-type"), [
    "Content-Type: application/json",
  ]);
  assertEquals(headersOf(answer, "set-cookie").length, 2);
});

Deno.test("encodeAnswer() lets no value begin another header", () => {
  const headers = [["X-A", "b\r\nX-Evil: 1"]] as const;

  const answer = text(encodeAnswer({ status: 401, headers }));

  assertEquals(headersOf(answer, "x-evil"), []);
});
