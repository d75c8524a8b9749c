import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Command } from "../../../lib/wire/command.ts";
import { FrameLog } from "../../../lib/wire/frame_log.ts";
import { readFrames } from "../../../lib/wire/frame_reader.ts";
import type { ByteStream } from "../../../lib/peer/byte_stream.ts";

/** Bytes that come in reads of given lengths, then as many as are asked for. */
function streamOf(bytes: Uint8Array, reads: readonly number[]): ByteStream {
  let at = 0;
  let turn = 0;
  const read = (into: Uint8Array) => {
    if (at === bytes.length) return Promise.resolve(null);
    const most = reads[turn++] ?? Infinity;
    const count = Math.min(most, into.length, bytes.length - at);
    into.set(bytes.subarray(at, at + count));
    at += count;
    return Promise.resolve(count);
  };
  return { read, write: () => Promise.resolve(0), close: () => {} };
}

/** Frames of such lengths, each filled with its own number. */
function framesOf(lengths: readonly number[]): Uint8Array {
  const log = new FrameLog();
  const parts: number[][] = [];
  lengths.forEach((length, i) => {
    const body = new Uint8Array(length).fill(i);
    log.append(Command.SendToOne, 0, i, length, body, 0, length);
    for (let bytes = log.startWrite(); bytes; bytes = log.startWrite()) {
      parts.push([...bytes]);
      log.endWrite(bytes.length);
    }
  });
  return new Uint8Array(parts.flat());
}

const lengths = fc.array(
  fc.oneof(
    { arbitrary: fc.nat(200), weight: 3 },
    fc.nat(40_000),
    fc.integer({ min: 65_500, max: 65_560 }),
    fc.integer({ min: 131_000, max: 131_100 }),
    fc.nat(300_000),
  ),
  { maxLength: 8 },
);

const reads = fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 12 });

for (const keepFrames of [true, false]) {
  const how = keepFrames ? "to be kept" : "to be looked at";
  Deno.test(`readFrames() gives every frame whole, in order, ${how}`, async () => {
    await fc.assert(
      fc.asyncProperty(lengths, reads, async (lengths, reads) => {
        const heard: Uint8Array[] = [];
        const onFrame = (
          header: { connectionId: number },
          buffer: Uint8Array,
          start: number,
          end: number,
        ) => {
          assertEquals(header.connectionId, heard.length);
          const body = buffer.subarray(start, end);
          heard.push(keepFrames ? body : new Uint8Array(body));
        };

        const stream = streamOf(framesOf(lengths), reads);
        await readFrames(stream, { onFrame }, keepFrames, () => true);

        assertEquals(heard.map(({ length }) => length), lengths);
        heard.forEach((body, i) =>
          assertEquals(body.every((byte) => byte === i), true)
        );
      }),
      { numRuns: 60 },
    );
  });
}
