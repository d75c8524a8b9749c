import { assert, assertEquals, assertThrows } from "@std/assert";
import { spreadOf } from "../../bench/load/figures.ts";
import {
  formatLoadArgs,
  parseLoadArgs,
} from "../../bench/load/load_options.ts";
import { encodeDigits, readDigits } from "../../bench/load/payload.ts";
import { parseCpuSeconds, parseStatus } from "../../bench/load/proc.ts";
import { isMet, replaceReport, verdict } from "../../bench/load/report.ts";

Deno.test("spreadOf() finds the middle of odd and even numbers of values", () => {
  const few = { sure: undefined };
  assertEquals(spreadOf([3, 1, 2]), { low: 1, median: 2, high: 3, ...few });
  assertEquals(spreadOf([4, 1, 2, 3]), {
    low: 1,
    median: 2.5,
    high: 4,
    ...few,
  });
  assertEquals(spreadOf([]), { low: 0, median: 0, high: 0, ...few });
});

Deno.test("spreadOf() leaves out the outer halves of five runs and more", () => {
  const { low, median, high } = spreadOf([50, 1, 4, 3, 2]);

  assertEquals([low, median, high], [2, 3, 4]);
});

Deno.test("spreadOf() is sure of a median in 95 of 100 cases", () => {
  assertEquals(spreadOf([6, 1, 5, 2, 4, 3]).sure, { from: 1, to: 6 });
  assertEquals(spreadOf([9, 8, 7, 6, 5, 4, 3, 2, 1]).sure, { from: 2, to: 8 });

  // By trial: the true median of what is drawn here is 0.5.
  let state = 1;
  const draw = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  let hits = 0;
  for (let trial = 0; trial < 2_000; trial++) {
    const { sure } = spreadOf(Array.from({ length: 15 }, draw));
    if (sure !== undefined && sure.from <= 0.5 && 0.5 <= sure.to) hits++;
  }
  assert(hits >= 1_900, `${hits} of 2000`);
  assert(hits <= 1_980, `${hits} of 2000: wider than it needs to be`);
});

Deno.test("verdict() tells five per cent from noise", () => {
  const goal = { figure: "cpu", of: "ours", atLeast: 0.95 } as const;
  const of = (...values: number[]) => verdict(goal, spreadOf(values));

  assertEquals(of(0.99, 1, 1.01, 0.98, 1.02, 1, 0.99), "yes");
  assertEquals(of(0.9, 0.91, 0.92, 0.89, 0.9, 0.88, 0.9), "NO");
  assertEquals(of(0.8, 0.99, 1.1, 0.97, 0.9, 1.02, 0.96), "yes, not surely");
  assertEquals(of(0.8, 0.94, 1.1, 0.93, 0.9, 1.02, 0.91), "NO, not surely");
});

Deno.test("isMet() checks both bounds of a goal", () => {
  const goal = { figure: "cpu", of: "ours" } as const;

  assertEquals(
    [1.2, 1.3, 1.4].map((value) => isMet({ ...goal, atMost: 1.3 }, value)),
    [true, true, false],
  );
  assertEquals(
    [0.5, 0.6].map((value) => isMet({ ...goal, atLeast: 0.6 }, value)),
    [false, true],
  );
});

Deno.test("parseLoadArgs() reads what formatLoadArgs() writes", () => {
  const { load, target } = parseLoadArgs([
    ...["--url", "127.0.0.1:1,127.0.0.1:2", "--pids", "gateway=3,worker=4"],
    ...["--mode", "group", "--rate", "10000", "--group-size", "7"],
  ]);

  assertEquals(parseLoadArgs(formatLoadArgs(load, target)), { load, target });
  assertEquals(target.watched, [{ name: "gateway", pid: 3 }, {
    name: "worker",
    pid: 4,
  }]);
  assertEquals([load.rate, load.groupSize], [10_000, 7]);
});

Deno.test("readDigits() reads what encodeDigits() writes, and rejects other letters", () => {
  const encoder = new TextEncoder();
  for (const value of [0, 1, 255, 2 ** 28 - 1]) {
    assertEquals(
      readDigits(encoder.encode(encodeDigits(value, 7)), 0, 7),
      value,
    );
  }
  assertEquals(readDigits(encoder.encode("aaaqaaa"), 0, 7), -1);
  assertEquals(readDigits(encoder.encode("aaa1aaa"), 0, 7), -1);
});

Deno.test("parseCpuSeconds() adds user and kernel ticks whatever the name of the process", () => {
  const stat = "42 (a) b (c)) S 1 42 42 0 -1 4194560 100 0 0 0 150 25 7 8 20 0";

  assertEquals(parseCpuSeconds(stat), 1.75);
});

Deno.test("parseStatus() finds a number by its key alone", () => {
  const status =
    "VmHWM:\t  900 kB\nVmRSS:\t  128 kB\nnonvoluntary_ctxt_switches:\t5\nvoluntary_ctxt_switches:\t9\n";

  assertEquals(parseStatus(status, "VmRSS"), 128);
  assertEquals(parseStatus(status, "voluntary_ctxt_switches"), 9);
});

Deno.test("replaceReport() replaces what is between the marks, and nothing else", () => {
  const document = "before\n<!-- report -->\nold\n<!-- /report -->\nafter\n";

  assertEquals(
    replaceReport(document, "new"),
    "before\n<!-- report -->\n\nnew\n\n<!-- /report -->\nafter\n",
  );
  assertThrows(() => replaceReport("no marks", "new"), TypeError, "must have");
});
