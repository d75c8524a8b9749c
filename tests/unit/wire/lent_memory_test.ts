import { assert, assertEquals } from "@std/assert";
import { giveBuffer, takeBuffer } from "../../../lib/base/buffer_pool.ts";
import { lastText } from "../../../lib/wire/decoded_text.ts";
import { LentMemory } from "../../../lib/wire/lent_memory.ts";

const LENGTH = 100_000;

Deno.test("LentMemory is used again when all who held it have given it back", () => {
  const memory = new LentMemory(LENGTH);
  memory.hold();
  memory.hold();

  memory.release();
  memory.release();
  const before = takeBuffer(LENGTH);
  memory.release();
  const after = takeBuffer(LENGTH);

  assert(before !== memory.bytes);
  assert(after === memory.bytes);
  giveBuffer(before);
});

Deno.test("LentMemory is free for whoever made it when nobody else holds it", () => {
  const memory = new LentMemory(LENGTH);
  assertEquals(memory.isFree, true);

  memory.hold();
  assertEquals(memory.isFree, false);

  memory.release();
  assertEquals(memory.isFree, true);
});

Deno.test("LentMemory that somebody keeps is never used again", () => {
  const memory = new LentMemory(LENGTH);

  memory.keep();

  assertEquals(memory.isFree, false);
  memory.release();
  assert(takeBuffer(LENGTH) !== memory.bytes);
});

Deno.test("LentMemory is no text any more when it is given back", () => {
  const memory = new LentMemory(LENGTH);
  const { written } = new TextEncoder().encodeInto("hello", memory.bytes);
  const text = lastText.decodeLent(memory.bytes, 0, written);
  assertEquals(lastText.is(text), true);

  memory.release();

  assertEquals(lastText.is(text), false);
  assert(lastText.bytes !== memory.bytes);
});
