import { assertEquals } from "@std/assert";
import { SeenPushes } from "../../../lib/bridge/pushes/seen_pushes.ts";

const NOW = 1_790_000_000_000;

function id(number: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

/** What a set says of a push that came so often before. */
function refusal(
  seen: SeenPushes,
  number: number,
  pushed: number,
  time: number,
  again = 0,
): string | undefined {
  return seen.refusalOf({ id: id(number), time: pushed, again }, time);
}

Deno.test("SeenPushes lets each push through once, and none of another time", () => {
  const seen = new SeenPushes();

  assertEquals(refusal(seen, 1, NOW - 5, NOW), undefined);
  assertEquals(refusal(seen, 1, NOW - 5, NOW), "repeated");
  assertEquals(refusal(seen, 2, NOW - 60_001, NOW), "clock");
  assertEquals(refusal(seen, 2, NOW + 60_001, NOW), "clock");
  assertEquals(refusal(seen, 2, NOW + 60_000, NOW), undefined);
});

Deno.test("SeenPushes goes on however many come, and lets none of those it forgot through again", () => {
  const seen = new SeenPushes(100);
  const time = (number: number) => NOW + number;
  const refusals = Array.from(
    { length: 1_000 },
    (_, n) => refusal(seen, n, time(n), time(n)),
  );

  assertEquals(refusals.every((each) => each === undefined), true);
  for (let n = 0; n < 1_000; n++) {
    const again = refusal(seen, n, time(n), time(1_000));
    assertEquals(again, n < 900 ? "clock" : "repeated", `${n}`);
  }
});

Deno.test("SeenPushes.sweep() forgets what is too old to be believed anyway", () => {
  const seen = new SeenPushes(2);
  refusal(seen, 1, NOW, NOW);
  refusal(seen, 2, NOW, NOW);

  seen.sweep(NOW + 60_001);

  assertEquals(refusal(seen, 1, NOW, NOW + 60_001), "clock");
  // Both are forgotten: there is room for two more, and nothing is pushed out.
  assertEquals(refusal(seen, 3, NOW + 1, NOW + 60_001), undefined);
  assertEquals(refusal(seen, 4, NOW + 1, NOW + 60_001), undefined);
  assertEquals(refusal(seen, 3, NOW + 1, NOW + 60_001), "repeated");
});

Deno.test("SeenPushes believes whoever says that it pushes again, and no recording of it", () => {
  const seen = new SeenPushes();

  assertEquals(refusal(seen, 1, NOW, NOW), undefined);
  assertEquals(refusal(seen, 1, NOW, NOW, 1), undefined);
  assertEquals(refusal(seen, 1, NOW, NOW, 1), "repeated");
  assertEquals(refusal(seen, 1, NOW, NOW), "repeated");
  assertEquals(refusal(seen, 1, NOW, NOW, 2), undefined);
  // One that never came can come for the first time when it is pushed again.
  assertEquals(refusal(seen, 2, NOW, NOW, 3), undefined);
});
