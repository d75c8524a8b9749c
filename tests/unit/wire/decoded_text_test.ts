import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Command } from "../../../lib/wire/command.ts";
import { lastText } from "../../../lib/wire/decoded_text.ts";
import { HEADER_LENGTH } from "../../../lib/wire/frame.ts";
import { FrameLog } from "../../../lib/wire/frame_log.ts";

/** The payload that a log makes of a text. */
function payloadOf(text: string): number[] {
  const log = new FrameLog();
  log.appendText(Command.SendToOne, 0, 1, 0, text);
  const frame = log.startWrite() ?? new Uint8Array();
  assertEquals(log.pendingBytes, frame.length);
  return [...frame.subarray(HEADER_LENGTH)];
}

/** Bytes that are text, nearly text, or anything. */
const anyBytes = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text)),
  fc.string({ unit: "grapheme" }).map((text) => new TextEncoder().encode(text)),
  fc.uint8Array(),
  fc.constant(new Uint8Array([0xef, 0xbf, 0xbd])),
  fc.constant(new Uint8Array([0x61, 0xff, 0x62])),
);

/** The same, or many times the same: short and long texts are decoded in different ways. */
const anyLength = fc.tuple(anyBytes, fc.constantFrom(1, 1, 50)).map((
  [bytes, times],
) => new Uint8Array(Array.from({ length: times }, () => [...bytes]).flat()));

Deno.test("a text that was decoded is sent on as if it were encoded", () => {
  fc.assert(
    fc.property(anyLength, fc.nat(9), (bytes, before) => {
      const buffer = new Uint8Array(before + bytes.length + 3).fill(0x7a);
      buffer.set(bytes, before);
      const end = before + bytes.length;

      const text = lastText.decode(buffer, before, end);

      assertEquals(
        text,
        new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes),
      );
      assertEquals(payloadOf(text), [...new TextEncoder().encode(text)]);
      assertEquals(lastText.is(text), !text.includes("\ufffd"));
    }),
  );
});

Deno.test("a text that was decoded is not taken for another one", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, text) => {
      const bytes = new TextEncoder().encode(before);
      lastText.decode(bytes, 0, bytes.length);

      assertEquals(payloadOf(text), [...new TextEncoder().encode(text)]);
      assertEquals(payloadOf(`${before}!`), [...bytes, 0x21]);
    }),
  );
});
