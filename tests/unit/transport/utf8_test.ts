import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  UTF8_ACCEPT,
  UTF8_REJECT,
  validateUtf8,
} from "../../../lib/transport/utf8.ts";

/** What the runtime's own decoder thinks. */
function isUtf8(source: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(source);
    return true;
  } catch {
    return false;
  }
}

function isAccepted(source: Uint8Array): boolean {
  return validateUtf8(UTF8_ACCEPT, source, 0, source.length) === UTF8_ACCEPT;
}

Deno.test("validateUtf8() accepts every character there is", () => {
  const encoder = new TextEncoder();

  for (let code = 0; code <= 0x10ffff; code += code < 0x10000 ? 1 : 97) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const source = encoder.encode(String.fromCodePoint(code));
    if (!isAccepted(source)) assertEquals(code, -1, "was not accepted");
  }
});

Deno.test("validateUtf8() agrees with TextDecoder on every pair of bytes", () => {
  for (let pair = 0; pair < 65_536; pair++) {
    const source = Uint8Array.of(pair >> 8, pair);
    if (isAccepted(source) !== isUtf8(source)) {
      assertEquals([...source], [], "judged differently");
    }
  }
});

/** Bytes at the edges of the rules, where mistakes would be. */
const edge = fc.constantFrom(
  ...[0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2],
  ...[0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5],
);

Deno.test("validateUtf8() agrees with TextDecoder on bytes at the edges, cut anywhere", () => {
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 6 }), fc.nat(6), (list, cut) => {
      const source = Uint8Array.from(list);
      const middle = Math.min(cut, source.length);
      const state = validateUtf8(UTF8_ACCEPT, source, 0, middle);
      const last = validateUtf8(state, source, middle, source.length);

      assertEquals(last === UTF8_ACCEPT, isUtf8(source));
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("validateUtf8() agrees with TextDecoder on long texts, cut anywhere", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.constantFrom("a".repeat(150), "ü€😀".repeat(50)),
  );
  const input = fc.tuple(fc.array(piece, { maxLength: 6 }), fc.array(edge));
  fc.assert(
    fc.property(input, fc.nat(), fc.nat(), ([pieces, bytes], where, cut) => {
      const text = [...new TextEncoder().encode(pieces.join(""))];
      // Whatever it is, in the middle of what is fine.
      text.splice(where % (text.length + 1), 0, ...bytes);
      const source = Uint8Array.from(text);
      const middle = cut % (source.length + 1);
      const state = validateUtf8(UTF8_ACCEPT, source, 0, middle);
      const last = validateUtf8(state, source, middle, source.length);

      assertEquals(last === UTF8_ACCEPT, isUtf8(source));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("validateUtf8() finds a wrong byte wherever it is, at once", () => {
  const source = new Uint8Array(300).fill(0x61);
  for (let at = 0; at < source.length; at++) {
    for (const [byte, isWrong] of [[0xff, true], [0x80, true], [0x7f, false]]) {
      const changed = source.with(at, Number(byte));
      const state = validateUtf8(UTF8_ACCEPT, changed, 0, changed.length);
      assertEquals(state, isWrong ? UTF8_REJECT : UTF8_ACCEPT, `at ${at}`);
    }
  }
});
