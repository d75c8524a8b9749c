import { assertEquals, assertThrows } from "@std/assert";
import { spreadOf } from "../../bench/load/figures.ts";
import {
  formatLoadArgs,
  parseLoadArgs,
} from "../../bench/load/load_options.ts";
import { encodeDigits, readDigits } from "../../bench/load/payload.ts";
import { parseCpuSeconds, parseStatus } from "../../bench/load/proc.ts";
import { isMet, replaceReport } from "../../bench/load/report.ts";

Deno.test("spreadOf() finds the middle of odd and even numbers of values", () => {
  assertEquals(spreadOf([3, 1, 2]), { min: 1, median: 2, max: 3 });
  assertEquals(spreadOf([4, 1, 2, 3]), { min: 1, median: 2.5, max: 4 });
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
