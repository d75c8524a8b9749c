import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { ArrivalRate } from "../../../../lib/transport/admission/arrival_rate.ts";

Deno.test("ArrivalRate lets a second's worth in at once, and then so many a second", () => {
  let time = 0;
  const arrivals = new ArrivalRate(10, () => time);
  const tryAll = (count: number) =>
    Array.from({ length: count }, () => arrivals.refusal())
      .filter((refusal) => refusal === undefined).length;

  assertAlmostEquals(tryAll(100), 10, 1);
  time += 500;
  assertAlmostEquals(tryAll(100), 5, 1);
});

Deno.test("ArrivalRate tells each of a crowd another moment, so that all are in as soon as may be", () => {
  let time = 0;
  const arrivals = new ArrivalRate(100, () => time);
  let queue = Array.from({ length: 1_000 }, () => 0);
  const entered: number[] = [];
  let tries = 0;

  while (queue.length > 0) {
    queue.sort((a, b) => a - b);
    const [at = 0, ...rest] = queue;
    time = Math.max(time, at);
    tries++;
    const refusal = arrivals.refusal();
    if (refusal === undefined) entered.push(time);
    queue = refusal === undefined
      ? rest
      : [...rest, time + (refusal.after ?? NaN)];
  }

  assertEquals(entered.length, 1_000);
  assertAlmostEquals(entered.at(-1) ?? NaN, 9_000, 500);
  assertLess(tries, 2_500);
});

Deno.test("ArrivalRate says in seconds to those who can be told no better", () => {
  const arrivals = new ArrivalRate(2, () => 0);
  const refusals = Array.from({ length: 6 }, () => arrivals.refusal())
    .filter((refusal) => refusal !== undefined);

  const said = refusals.map(({ headers = [] }) => headers[0]?.[1]);
  assertEquals(refusals[0]?.status, 503);
  assertEquals(said, ["1", "1", "2"]);
  assertEquals(arrivals.later, 3);
});
