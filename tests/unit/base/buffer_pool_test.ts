import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  giveBuffer,
  HUGE_BUFFER,
  LARGE_BUFFER,
  MEDIUM_BUFFER,
  SMALL_BUFFER,
  takeBuffer,
} from "../../../lib/base/buffer_pool.ts";

Deno.test("takeBuffer() returns the smallest kept size that is enough", () => {
  assertEquals(takeBuffer(0).length, SMALL_BUFFER);
  assertEquals(takeBuffer(SMALL_BUFFER).length, SMALL_BUFFER);
  assertEquals(takeBuffer(SMALL_BUFFER + 1).length, MEDIUM_BUFFER);
  assertEquals(takeBuffer(LARGE_BUFFER).length, LARGE_BUFFER);
  assertEquals(takeBuffer(LARGE_BUFFER + 1).length, 2 * LARGE_BUFFER);
  assertEquals(takeBuffer(HUGE_BUFFER).length, HUGE_BUFFER);
  assertEquals(takeBuffer(HUGE_BUFFER + 1).length, HUGE_BUFFER + 1);
});

for (const size of [SMALL_BUFFER, MEDIUM_BUFFER, LARGE_BUFFER, HUGE_BUFFER]) {
  Deno.test(`giveBuffer() lets a buffer of ${size} bytes be used again`, () => {
    const buffer = takeBuffer(size);

    giveBuffer(buffer);

    assert(takeBuffer(size) === buffer);
  });
}

Deno.test("takeBuffer() never returns bytes that somebody else holds", () => {
  const buffers = Array.from({ length: 300 }, () => takeBuffer(SMALL_BUFFER));

  buffers.forEach((buffer, i) => buffer.fill(i & 0xff));

  buffers.forEach((buffer, i) =>
    assertEquals(buffer.every((byte) => byte === (i & 0xff)), true)
  );
});

Deno.test("giveBuffer() keeps no buffer that was made for one message", () => {
  const buffer = takeBuffer(HUGE_BUFFER + 1);

  giveBuffer(buffer);

  assertNotEquals(takeBuffer(HUGE_BUFFER + 1) === buffer, true);
});

Deno.test("giveBuffer() keeps 4 MiB of large buffers at most", () => {
  const buffers = Array.from({ length: 80 }, () => takeBuffer(LARGE_BUFFER));

  buffers.forEach(giveBuffer);

  const taken = Array.from({ length: 80 }, () => takeBuffer(LARGE_BUFFER));
  const reused = taken.filter((buffer) => buffers.includes(buffer));
  assertEquals(reused.length * LARGE_BUFFER, 4_194_304);
});
