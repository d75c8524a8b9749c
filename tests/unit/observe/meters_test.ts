import { assert, assertEquals, assertMatch } from "@std/assert";
import { LatencyMeter } from "../../../lib/observe/latency_meter.ts";
import { PerSecond } from "../../../lib/observe/per_second.ts";
import { ProcessMeter } from "../../../lib/observe/process_meter.ts";
import {
  recentEvents,
  rememberEvent,
} from "../../../lib/observe/recent_events.ts";
import { SizeMeter } from "../../../lib/observe/size_meter.ts";
import { mergeReports } from "../../../lib/observe/report.ts";

Deno.test("LatencyMeter finds quantiles to a ninth", () => {
  const meter = new LatencyMeter();
  for (let time = 1; time <= 100; time++) meter.record(time);

  const { p50, p99 } = meter.latency();

  assert(p50 >= 50 && p50 <= 57, `p50 is ${p50}`);
  assert(p99 >= 99 && p99 <= 112, `p99 is ${p99}`);
});

Deno.test("LatencyMeter takes any time, and tells zeros of nothing", () => {
  const meter = new LatencyMeter();
  assertEquals(meter.latency(), { p50: 0, p99: 0 });

  meter.record(0);
  assert(meter.latency().p99 < 0.01);
  meter.record(1e12);

  assert(meter.latency().p99 > 1e7);
});

Deno.test("LatencyMeter forgets after twenty ticks and not after ten", () => {
  const meter = new LatencyMeter();
  meter.record(5);

  for (let tick = 0; tick < 10; tick++) meter.tick();
  const later = meter.latency();
  for (let tick = 0; tick < 10; tick++) meter.tick();

  assert(later.p50 >= 5);
  assertEquals(meter.latency(), { p50: 0, p99: 0 });
});

Deno.test("LatencyMeter counts all there ever were, up to bounds that double", () => {
  const meter = new LatencyMeter();
  for (let second = 0; second < 45; second++) {
    meter.record(0.01);
    meter.record(1.024);
    meter.record(1.025, 3);
    meter.record(60_000);
    meter.tick();
  }

  const { buckets, count, sum } = meter.durations();

  const upTo = new Map(buckets);
  assertEquals([buckets[0]?.[0], buckets.at(-1)?.[0]], [0.000064, 16.777216]);
  assertEquals(buckets.length, 19);
  assertEquals(upTo.get(0.000064), 45);
  assertEquals(upTo.get(0.000512), 45);
  assertEquals(upTo.get(0.001024), 90);
  assertEquals(upTo.get(0.002048), 225);
  assertEquals([upTo.get(16.777216), count], [225, 270]);
  assert(Math.abs(sum - 45 * (0.00001 + 0.001024 + 0.003075 + 60)) < 1e-6);
  assertEquals(buckets.map(([, n]) => n).toSorted((a, b) => a - b), [
    ...buckets.map(([, n]) => n),
  ]);
});

Deno.test("PerSecond makes a rate of a total", () => {
  const rate = new PerSecond();

  rate.tick(100, 1);
  const first = rate.rate;
  rate.tick(150, 2);

  assertEquals([first, rate.rate], [100, 25]);
});

Deno.test("ProcessMeter tells what this process is", () => {
  using meter = new ProcessMeter();

  const { pid, memory, uptime, version } = meter.figures();

  assertEquals(pid, Deno.pid);
  assert(memory > 1_000_000 && uptime >= 0);
  assertMatch(version, /^\d+\.\d+\.\d+/);
});

Deno.test("recentEvents() keeps the newest twenty, cut to size", () => {
  for (let time = 0; time < 25; time++) {
    rememberEvent({ time, level: "info", text: "x".repeat(1_000) });
  }

  const events = recentEvents();

  assertEquals(events.map(({ time }) => time).at(-1), 24);
  assertEquals([events.length, events[0]?.text.length], [20, 300]);
});

Deno.test("mergeReports() takes the first report about a role", () => {
  const of = (name: string) => ({
    registers: [],
    gateways: [{ id: "1", name, address: "", uptime: 0 }],
    workers: [],
  });

  const { gateways } = mergeReports([of("a"), of("b")]);

  assertEquals(gateways.map(({ name }) => name), ["a"]);
});

Deno.test("SizeMeter counts sizes in buckets that double, and those above all of them", () => {
  const meter = new SizeMeter();
  for (const size of [0, 1, 2, 3, 4, 5, 1_048_576, 1_048_577, 2 ** 31]) {
    meter.record(size);
  }

  const { buckets, count, sum } = meter.sizes();

  assertEquals(buckets.slice(0, 4), [[1, 2], [2, 3], [4, 5], [8, 6]]);
  assertEquals(buckets.at(-1), [1_048_576, 7]);
  assertEquals([buckets.length, count], [21, 9]);
  assertEquals(sum, 15 + 2 * 1_048_576 + 1 + 2 ** 31);
});
