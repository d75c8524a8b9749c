import { assert, assertEquals } from "@std/assert";
import { Histogram } from "../../bench/load/histogram.ts";

Deno.test("Histogram.quantile() is exact below 64 microseconds", () => {
  const histogram = new Histogram();
  for (let micros = 1; micros <= 60; micros++) histogram.record(micros / 1_000);

  assertEquals(histogram.quantile(0.5), 0.03);
  assertEquals(histogram.quantile(1), 0.06);
});

Deno.test("Histogram.quantile() stays within 2 % of any value", () => {
  for (let value = 0.001; value < 2_000_000; value *= 1.37) {
    const histogram = new Histogram();
    histogram.record(value);
    histogram.record(3_000_000);

    const found = histogram.quantile(0.5);

    assert(
      Math.abs(found - value) <= value * 0.02 + 0.0006,
      `${value} became ${found}`,
    );
  }
});

Deno.test("Histogram.summary() orders quantiles and keeps the greatest value", () => {
  const histogram = new Histogram();
  for (let i = 1; i <= 10_000; i++) histogram.record(i / 100);

  const { count, mean, p50, p90, p99, p999, max } = histogram.summary();

  assertEquals([count, max], [10_000, 100]);
  assert(Math.abs(mean - 50) < 0.1);
  assert(Math.abs(p50 - 50) < 1 && Math.abs(p90 - 90) < 2);
  assert(Math.abs(p99 - 99) < 2 && p99 <= p999 && p999 <= max);
});

Deno.test("Histogram.reset() forgets everything", () => {
  const histogram = new Histogram();
  histogram.record(5);

  histogram.reset();

  assertEquals(histogram.summary(), {
    count: 0,
    mean: 0,
    p50: 0,
    p90: 0,
    p99: 0,
    p999: 0,
    max: 0,
  });
});
