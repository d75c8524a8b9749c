import { assertEquals } from "@std/assert";
import { SeenPushes } from "../../../lib/bridge/pushes/seen_pushes.ts";

const NOW = 1_790_000_000_000;

function id(number: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

Deno.test("SeenPushes lets each push through once, and none of another time", () => {
  const seen = new SeenPushes();

  assertEquals(seen.refusalOf(id(1), NOW - 5, NOW), undefined);
  assertEquals(seen.refusalOf(id(1), NOW - 5, NOW), "repeated");
  assertEquals(seen.refusalOf(id(2), NOW - 60_001, NOW), "clock");
  assertEquals(seen.refusalOf(id(2), NOW + 60_001, NOW), "clock");
  assertEquals(seen.refusalOf(id(2), NOW + 60_000, NOW), undefined);
});

Deno.test("SeenPushes goes on however many come, and lets none of those it forgot through again", () => {
  const seen = new SeenPushes(100);
  const time = (number: number) => NOW + number;
  const refusals = Array.from(
    { length: 1_000 },
    (_, n) => seen.refusalOf(id(n), time(n), time(n)),
  );

  assertEquals(refusals.every((each) => each === undefined), true);
  for (let n = 0; n < 1_000; n++) {
    const again = seen.refusalOf(id(n), time(n), time(1_000));
    assertEquals(again, n < 900 ? "clock" : "repeated", `${n}`);
  }
});

Deno.test("SeenPushes.sweep() forgets what is too old to be believed anyway", () => {
  const seen = new SeenPushes(2);
  seen.refusalOf(id(1), NOW, NOW);
  seen.refusalOf(id(2), NOW, NOW);

  seen.sweep(NOW + 60_001);

  assertEquals(seen.refusalOf(id(1), NOW, NOW + 60_001), "clock");
  // Both are forgotten: there is room for two more, and nothing is pushed out.
  assertEquals(seen.refusalOf(id(3), NOW + 1, NOW + 60_001), undefined);
  assertEquals(seen.refusalOf(id(4), NOW + 1, NOW + 60_001), undefined);
  assertEquals(seen.refusalOf(id(3), NOW + 1, NOW + 60_001), "repeated");
});
