import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ProtocolError } from "../../../lib/base/errors.ts";
import { LineDecoder, MAX_LINE } from "../../../lib/base/line_decoder.ts";

const STREAM = "one\r\n\ntwo \u{1F41F} \u00fc\n\r\n  three\r\r\nrest";
const LINES = ["one", "", "two \u{1F41F} \u00fc", "", "  three"];

function decode(chunks: Uint8Array[], maxLine?: number): string[] {
  const decoder = new LineDecoder(maxLine);
  return chunks.flatMap((chunk) => [...decoder.push(chunk)]);
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("LineDecoder.push() yields the lines of a stream that comes whole", () => {
  assertEquals(decode([bytesOf(STREAM)]), LINES);
});

Deno.test("LineDecoder.push() yields the same lines byte by byte", () => {
  const chunks = Array.from(bytesOf(STREAM), (byte) => Uint8Array.of(byte));

  assertEquals(decode(chunks), LINES);
});

Deno.test("LineDecoder.push() yields the same lines cut at every position", () => {
  const bytes = bytesOf(STREAM);
  for (let cut = 0; cut <= bytes.length; cut++) {
    assertEquals(decode([bytes.subarray(0, cut), bytes.subarray(cut)]), LINES);
  }
});

Deno.test("LineDecoder.push() does not keep the bytes it was given", () => {
  const decoder = new LineDecoder();
  const chunk = bytesOf("abc");
  assertEquals([...decoder.push(chunk)], []);

  chunk.fill(0);

  assertEquals([...decoder.push(bytesOf("\n"))], ["abc"]);
});

Deno.test("LineDecoder.push() takes a line at the limit", () => {
  const line = "x".repeat(MAX_LINE);

  assertEquals(decode([bytesOf(`${line}\n`)]), [line]);
  assertEquals(decode([bytesOf(line), bytesOf("\n")]), [line]);
});

Deno.test("LineDecoder.push() refuses a line one byte past the limit, ended or not", () => {
  const line = bytesOf("12345");
  const end = bytesOf("\n");

  assertThrows(() => decode([line], 4), ProtocolError, "4 bytes");
  assertThrows(() => decode([line, end], 4), ProtocolError, "4 bytes");
  assertThrows(() => decode([bytesOf("12345\n")], 4), ProtocolError, "4 bytes");
  assertEquals(decode([line, end], 5), ["12345"]);
});

Deno.test("LineDecoder.push() yields the lines before a bad one", () => {
  const lines = new LineDecoder(4).push(bytesOf("good\nmuch too long\n"));

  assertEquals(lines.next().value, "good");
  assertThrows(() => lines.next(), ProtocolError);
});

Deno.test("LineDecoder.push() refuses what is not UTF-8", () => {
  assertThrows(
    () => decode([Uint8Array.of(0x7b, 0xff, 0x7d, 0x0a)]),
    ProtocolError,
    "not UTF-8",
  );
});

Deno.test("LineDecoder.push() throws nothing but ProtocolError, whatever comes", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
      try {
        decode(chunks, 16);
      } catch (error) {
        return error instanceof ProtocolError;
      }
      return true;
    }),
  );
});
