import { assertEquals } from "@std/assert";
import {
  MAX_BODY,
  RequestBody,
} from "../../../../lib/transport/http/request_body.ts";
import type { RequestHead } from "../../../../lib/transport/http/http_head.ts";
import { bytes, fedEveryWay } from "../_feed.ts";

function headWith(
  headers: RequestHead["headers"],
  minorVersion = 1,
): RequestHead {
  return { method: "POST", target: "/", minorVersion, headers };
}

/** Reads a body whole, byte by byte and cut everywhere; says where it ended, or how. */
function endOf(body: () => RequestBody, source: string): number | string {
  const [end = ""] = fedEveryWay(bytes(source), (pieces) => {
    const read = body();
    let taken = 0;
    for (const piece of pieces) {
      if (read.isComplete || read.fault !== undefined) break;
      taken += read.take(piece, 0, piece.length);
    }
    if (read.fault !== undefined) return [`${read.fault.status}`];
    return [read.isComplete ? `${taken}` : "incomplete"];
  });
  return end;
}

const CHUNKED: RequestHead = headWith([["transfer-encoding", "chunked"]]);

Deno.test("RequestBody ends after its Content-Length", () => {
  const head = headWith([["content-length", "5"]]);

  assertEquals(endOf(() => RequestBody.of(head), "helloGET /"), "5");
  assertEquals(endOf(() => RequestBody.of(head), "hell"), "incomplete");
});

Deno.test("RequestBody is complete where no length is told, or none", () => {
  assertEquals(RequestBody.of(headWith([])).isComplete, true);
  assertEquals(
    RequestBody.of(headWith([["content-length", "0"]])).isComplete,
    true,
  );
});

for (
  const [what, source, end] of [
    ["a chunk", "5\r\nhello\r\n0\r\n\r\n", "15"],
    ["several", "1\r\nh\r\nA\r\n0123456789\r\n0\r\n\r\n", "26"],
    ["extensions", '3;a="b"\r\nabc\r\n0;x\r\n\r\n', "21"],
    ["trailers", "0\r\nX-A: b\r\nX-B: c\r\n\r\n", "21"],
    ["line feeds in data", "2\r\n\n\n\r\n0\r\n\r\n", "12"],
    ["no end", "5\r\nhello\r\n0\r\n", "incomplete"],
    ["a size that is none", "x\r\n", "400"],
    ["a negative size", "-1\r\n", "400"],
    ["no size", "\r\n", "400"],
    ["a size that ends with LF alone", "5\nhello\r\n", "400"],
    ["more data than announced", "2\r\nabc\r\n0\r\n\r\n", "400"],
    ["a trailer that ends with LF alone", "0\r\nX-A: b\n\r\n", "400"],
    ["a line without end", "5;" + "x".repeat(2_000), "400"],
    ["a chunk beyond the limit", "ffffffff\r\n", "413"],
    ["chunks beyond the limit", "1\r\na\r\n".repeat(11_000), "413"],
    ["trailers beyond the limit", "0\r\n" + "X: y\r\n".repeat(11_000), "413"],
  ] as const
) {
  Deno.test(`RequestBody makes ${end} of chunks with ${what} (RFC 9112, 7.1)`, () => {
    const isLong = source.length > 5_000;
    const body = () => RequestBody.of(CHUNKED);
    if (!isLong) return assertEquals(endOf(body, source), end);
    const read = body();
    read.take(bytes(source), 0, source.length);
    assertEquals(`${read.fault?.status}`, end);
  });
}

for (
  const [what, head, status] of [
    ["a length that is no number", headWith([["content-length", "5x"]]), 400],
    ["an empty length", headWith([["content-length", ""]]), 400],
    ["a negative length", headWith([["content-length", "-1"]]), 400],
    ["two lengths", headWith([["content-length", "5, 6"]]), 400],
    [
      "a length and chunks",
      headWith([["content-length", "5"], ["transfer-encoding", "chunked"]]),
      400,
    ],
    [
      "chunks over HTTP/1.0",
      headWith([["transfer-encoding", "chunked"]], 0),
      400,
    ],
    ["gzip", headWith([["transfer-encoding", "gzip, chunked"]]), 501],
    [
      "a length beyond the limit",
      headWith([["content-length", `${MAX_BODY + 1}`]]),
      413,
    ],
  ] as const
) {
  Deno.test(`RequestBody.of() refuses ${what} with ${status}`, () => {
    assertEquals(RequestBody.of(head).fault?.status, status);
  });
}

Deno.test("RequestBody.of() takes one length that is told twice", () => {
  const body = RequestBody.of(
    headWith([["content-length", "5"], ["content-length", "5"]]),
  );

  assertEquals([body.fault, body.isComplete], [undefined, false]);
});
