import { assert } from "@std/assert";
import { giveBuffer, takeBuffer } from "../../../../lib/base/buffer_pool.ts";
import { ReadBuffer } from "../../../../lib/transport/socket/read_buffer.ts";

/** Lengths that the pool has buffers of. */
for (const size of [512, 2_048, 8_192]) {
  Deno.test(`ReadBuffer gives the pool no memory that came with ${size} bytes`, () => {
    const buffer = new ReadBuffer();
    const came = new Set<ArrayBuffer>();
    const come = () => {
      const chunk = new Uint8Array(size);
      came.add(chunk.buffer);
      buffer.adopt(chunk, size, 0);
    };

    come();
    buffer.emptied(size, false);
    come();
    buffer.keepRest(1, size, 0);
    come();
    buffer.emptied(2 * size - 1, false);
    come();
    buffer.release();

    const taken = Array.from({ length: 8 }, () => takeBuffer(size));
    assert(taken.every((each) => !came.has(each.buffer)));
    taken.forEach(giveBuffer);
  });
}
