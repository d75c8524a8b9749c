import { assertEquals } from "@std/assert";
import { KeptSends, PATIENCE } from "../../../lib/cluster/kept_sends.ts";

function kept(sends: KeptSends): number[] {
  return Array.from(sends.all(), ({ number }) => number);
}

function add(sends: KeptSends, count: number, time = 0, bytes = 10): void {
  for (let each = 0; each < count; each++) {
    sends.add(new Uint8Array(bytes), bytes, time);
  }
}

Deno.test("KeptSends keeps what is not confirmed, in order, for the next bridge", () => {
  const sends = new KeptSends();
  add(sends, 5);

  sends.confirm(2);
  assertEquals(kept(sends), [3, 4, 5]);
  // An older confirmation comes late, and one of what was never sent is none.
  sends.confirm(1);
  sends.confirm(9);
  assertEquals(kept(sends), [3, 4, 5]);
  sends.confirm(5);
  assertEquals([kept(sends), sends.isEmpty], [[], true]);
});

Deno.test("KeptSends counts what it does not keep any more once its bridge is lost, and only then", () => {
  const sends = new KeptSends(1_000);
  // Of ten, five find room beside what memory costs.
  add(sends, 10, 0, 136);
  assertEquals(kept(sends), [6, 7, 8, 9, 10]);

  sends.confirm(2);
  assertEquals(sends.lose(), 3);
  assertEquals(sends.lose(), 0);
  assertEquals(kept(sends), [6, 7, 8, 9, 10]);
  sends.confirm(10);
  assertEquals(sends.lose(), 0);
});

Deno.test("KeptSends gives up what no active bridge takes in time", () => {
  const sends = new KeptSends();
  add(sends, 2, 0);
  add(sends, 1, 5_000);

  assertEquals(sends.expire(PATIENCE), 0);
  assertEquals(sends.expire(PATIENCE + 1), 2);
  assertEquals(kept(sends), [3]);
  assertEquals(sends.lose(), 0);
});

Deno.test("KeptSends keeps the bytes of each, however many share their memory and however long they are", () => {
  const sends = new KeptSends();
  const lengths = [10, 70_000, 30_000, 30_000, 30_000, 1, 0, 65_536];
  lengths.forEach((length, i) => {
    sends.add(new Uint8Array(70_000).fill(i), length, 0);
    if (i === 4) sends.confirm(2);
  });

  const found = Array.from(sends.all(), ({ segment, start, end }) => {
    const bytes = segment.bytes.subarray(start, end);
    return [bytes.length, bytes.every((each) => each === bytes[0]), bytes[0]];
  });
  assertEquals(
    found,
    lengths.map((length, i) => [length, true, length > 0 ? i : undefined])
      .slice(2),
  );
  sends.confirm(8);
  sends.add(new Uint8Array(3).fill(9), 3, 0);
  assertEquals(kept(sends), [9]);
});
