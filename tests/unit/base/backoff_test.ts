import {
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertThrows,
} from "@std/assert";
import { backoff, type BackoffOptions } from "../../../lib/base/backoff.ts";

function take(count: number, options?: BackoffOptions): number[] {
  return backoff(options).take(count).toArray();
}

Deno.test("backoff() doubles up to maxDelay, cutting each by at most half", () => {
  for (let round = 0; round < 50; round++) {
    const delays = take(5, { minDelay: 100, maxDelay: 500 });

    for (const [index, limit] of [100, 200, 400, 500, 500].entries()) {
      assertLessOrEqual(delays[index], limit);
      assertGreaterOrEqual(delays[index], limit / 2);
    }
  }
});

Deno.test("backoff() starts at 100 ms and ends at 10 s by default", () => {
  const delays = take(9);

  assertLessOrEqual(delays[0], 100);
  assertGreaterOrEqual(delays[0], 50);
  assertGreaterOrEqual(delays[8], 5_000);
  assertLessOrEqual(Math.max(...delays), 10_000);
});

Deno.test("backoff() does not bring peers back in step", () => {
  const options = { minDelay: 1_000, maxDelay: 1_000 };
  const peers = Array.from({ length: 50 }, () => take(1, options)[0]);

  assertGreater(new Set(peers).size, 40);
});

Deno.test("backoff() takes minDelay equal to maxDelay", () => {
  assertEquals(take(3, { minDelay: 7, maxDelay: 7 }).length, 3);
});

for (const [minDelay, maxDelay] of [[2, 1], [0, 1], [-1, 1], [NaN, 1]]) {
  Deno.test(`backoff() throws RangeError for ${minDelay} to ${maxDelay}`, () => {
    assertThrows(
      () => backoff({ minDelay, maxDelay } as BackoffOptions).next(),
      RangeError,
      `current values are ${minDelay} and ${maxDelay}`,
    );
  });
}
