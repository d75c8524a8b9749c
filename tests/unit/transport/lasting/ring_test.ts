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
