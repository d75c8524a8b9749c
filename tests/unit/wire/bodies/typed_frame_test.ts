import { assertEquals, assertThrows } from "@std/assert";
import {
  encodeFailureFrame,
  idOf,
  readTyped,
} from "../../../../lib/wire/bodies/typed_frame.ts";
import {
  failureText,
  partText,
  replyFrame,
  requestText,
} from "../../../../lib/wire/bodies/typed_text.ts";

/** Bytes of a text in the middle of others, which must make no difference. */
function within(text: string): [Uint8Array, number, number] {
  const bytes = new TextEncoder().encode(`q9 no\n${text}\nr9 no\n`);
  return [bytes, 6, bytes.length - 7];
}

Deno.test("readTyped() takes every kind of frame apart, within its range", () => {
  for (
    const [frame, id, name, body] of [
      ["qa1 add\n[1]", "a1", "add", "[1]"],
      ["q0 größe\n", "0", "größe", ""],
      ["q7 none", "7", "none", ""],
      ["r.x-1\n\n", ".x-1", "", "\n"],
      ["e7 too-many\nnull", "7", "too-many", "null"],
      ["k7", "7", "", ""],
      ["s7\n1", "7", "", "1"],
    ] as const
  ) {
    const [bytes, start, end] = within(frame);
    const { body: at, ...read } = readTyped(bytes, start, end);

    assertEquals(read, { id, name }, frame);
    assertEquals(new TextDecoder().decode(bytes.subarray(at, end)), body);
    assertEquals(idOf(bytes, start, end), id);
  }
});

Deno.test("typed frames are written as JSON, null where JSON has no word, and bytes as they are", () => {
  assertEquals(requestText("1", "add", [1, "ü"]), 'q1 add\n[1,"ü"]');
  assertEquals(requestText("0", "note", undefined), "q0 note\nnull");
  assertEquals(replyFrame("1", () => {}), "r1\nnull");
  assertEquals(partText("1", ""), 's1\n""');
  assertEquals(failureText("1", "busy"), "e1 busy\nnull");
  assertEquals(
    replyFrame("1", new Uint8Array([200])),
    Uint8Array.of(2, 0x31, 10, 200),
  );
  assertEquals(
    new TextDecoder().decode(encodeFailureFrame("a", "lost")),
    "ea lost\nnull",
  );
  assertThrows(() => replyFrame("1", 1n), TypeError);
});
