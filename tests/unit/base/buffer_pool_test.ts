import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assert, assertEquals } from "@std/assert";
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
  assertEquals(takeBuffer(HUGE_BUFFER + 1).length, 2 * HUGE_BUFFER);
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

for (const mebibytes of [1, 2, 4, 8, 16, 64]) {
  Deno.test(`takeBuffer() finds room for ${mebibytes} MiB and headers without waste`, () => {
    const size = mebibytes * 1_048_576 + 1_024;

    const { length } = takeBuffer(size);

    assert(length >= size && length < 1.01 * size);
  });
}

Deno.test("takeBuffer() uses a giant again, for a message that is not much smaller", () => {
  const giant = takeBuffer(12 * HUGE_BUFFER);

  giveBuffer(giant);

  assert(takeBuffer(2 * HUGE_BUFFER) !== giant);
  assert(takeBuffer(4 * HUGE_BUFFER) === giant);
  assert(takeBuffer(4 * HUGE_BUFFER) !== giant);
});

Deno.test("giveBuffer() keeps 64 MiB of giants at most, the latest", () => {
  const lengths = [9, 20, 20, 20].map((count) => count * HUGE_BUFFER);
  const buffers = lengths.map(takeBuffer);

  buffers.forEach(giveBuffer);

  const kept = lengths.map(takeBuffer).filter((each) => buffers.includes(each));
  assertEquals(kept.length, 3);
  assert(!kept.includes(buffers[0] as Uint8Array<ArrayBuffer>));
});

Deno.test("giveBuffer() does not keep giants from being collected", async () => {
  let isCollected = false;
  const registry = new FinalizationRegistry(() => isCollected = true);
  const giveGiant = () => {
    const giant = takeBuffer(31 * HUGE_BUFFER);
    registry.register(giant, undefined);
    giveBuffer(giant);
  };
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;

  giveGiant();
  // What a weak reference is to stays until the job is over that made it.
  for (let look = 0; look < 100 && !isCollected; look++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    collect();
  }

  assert(isCollected);
});

Deno.test("giveBuffer() keeps 8 MiB of large buffers at most", () => {
  const buffers = Array.from({ length: 160 }, () => takeBuffer(LARGE_BUFFER));

  buffers.forEach(giveBuffer);

  const taken = Array.from({ length: 160 }, () => takeBuffer(LARGE_BUFFER));
  const reused = taken.filter((buffer) => buffers.includes(buffer));
  assertEquals(reused.length, Math.floor(8_388_608 / LARGE_BUFFER));
});
