import { assert, assertEquals } from "@std/assert";
import { NO_BYTES } from "../../../../lib/base/no_bytes.ts";
import {
  FRAME_COST,
  Ring,
  RingPool,
} from "../../../../lib/transport/lasting/ring.ts";

function ringOf(count: number, bytes = 1_000_000): Ring {
  const ring = new Ring(new RingPool({ bytes, total: 2_000_000 }));
  for (let each = 1; each <= count; each++) ring.push(Uint8Array.of(each));
  return ring;
}

function after(ring: Ring, number: number): number[] {
  return Array.from(ring.after(number), (frame) => frame[0] ?? 0);
}

Deno.test("Ring yields what is behind a number, from what it still has", () => {
  const ring = ringOf(5);
  ring.trim(2);

  assertEquals([ring.sent, ring.gone], [5, 2]);
  assertEquals(after(ring, 0), [3, 4, 5]);
  assertEquals(after(ring, 4), [5]);
  assertEquals(after(ring, 9), []);
  ring.trim(5);
  assertEquals([ring.gone, ring.bytes], [5, 0]);
});

Deno.test("Ring lets the oldest go when it is full", () => {
  const ring = ringOf(5, 3 * (1 + FRAME_COST));

  assertEquals([ring.sent, ring.gone], [5, 2]);
  assertEquals(after(ring, 0), [3, 4, 5]);
});

Deno.test("Ring counts a frame that is larger than it, and keeps none", () => {
  const ring = ringOf(2, 1_000);
  ring.push(new Uint8Array(1_000));

  assertEquals([ring.sent, ring.gone, ring.bytes], [3, 3, 0]);
});

Deno.test("Ring has a newer frame in an older one's place", () => {
  const ring = ringOf(3);
  const [first] = ring.after(0);
  const newest = Uint8Array.of(9);
  ring.push(newest);
  ring.replace(first ?? NO_BYTES, newest);

  assertEquals(after(ring, 0), [9, 2, 3, 0]);
  assertEquals(ring.bytes, 3 + 4 * FRAME_COST);
});

Deno.test("no ring takes another one's share, and all together never exceed the total", () => {
  const pool = new RingPool({ bytes: 100_000, total: 200_000 });
  const rings = Array.from({ length: 10 }, () => new Ring(pool));
  for (const greedy of rings.slice(0, 9)) {
    for (let each = 0; each < 100; each++) greedy.push(new Uint8Array(1_000));
  }
  const last = rings[9] as Ring;
  for (let each = 0; each < 100; each++) last.push(new Uint8Array(1_000));

  assert(last.bytes > 8_000, `${last.bytes}`);
  assert(pool.bytes <= 200_000, `${pool.bytes}`);
  for (const ring of rings) ring.close();
  assertEquals([pool.bytes, pool.rings], [0, 0]);
});

Deno.test("rings that come one after another never exceed the total, and who comes late has a share once all were looked at", () => {
  const pool = new RingPool({ bytes: 100_000, total: 200_000 });
  const rings: Ring[] = [];
  for (let count = 0; count < 200; count++) {
    const ring = new Ring(pool);
    rings.push(ring);
    for (let each = 0; each < 100; each++) ring.push(new Uint8Array(300));
    assert(pool.bytes <= 200_000, `${pool.bytes} with ${rings.length} rings`);
  }

  for (const ring of rings) ring.shrink();
  assert(pool.bytes <= 100_000, `${pool.bytes}`);
  const late = rings[199] as Ring;
  late.push(new Uint8Array(300));
  assertEquals(late.gone, late.sent - 1);
});

/** Keeps a short frame of so many bytes, all of them the same. */
function pushShort(ring: Ring, size: number, value: number): void {
  const at = ring.reserve(size);
  ring.short.memory.fill(value, at, at + size);
  ring.shrink();
}

Deno.test("Ring has short frames and others in the order in which they came, however it grows and shrinks", () => {
  const ring = ringOf(0, 20_000);
  const expected: number[][] = [];
  let seed = 7;
  const random = (below: number) => {
    seed = Math.imul(seed, 1_103_515_245) + 12_345 >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
  for (let each = 1; each <= 3_000; each++) {
    const [size, value] = [1 + random(200), each % 256];
    expected.push([size, value]);
    if (random(3) > 0) pushShort(ring, size, value);
    else ring.push(new Uint8Array(size).fill(value));
    if (random(20) === 0) ring.trim(ring.gone + random(ring.sent - ring.gone));
    if (random(200) === 0) ring.recode((frame) => frame.slice());
    if (random(300) === 0) ring.trim(ring.sent);
    assert(ring.bytes <= 20_000);
    if (each % 10 > 0) continue;
    const kept = Array.from(ring.after(0), (frame) => {
      assert(frame.every((byte) => byte === frame[0]));
      return [frame.length, frame[0] as number];
    });
    assertEquals(kept, expected.slice(ring.gone));
    const some = ring.gone + random(kept.length + 1);
    assertEquals(Array.from(ring.after(some)).length, ring.sent - some);
  }
  ring.trim(ring.sent);
  assertEquals([ring.bytes, ring.short.memory.length], [0, 0]);
});
