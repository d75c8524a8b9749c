import { assertEquals } from "@std/assert";
import { configureSync, type LogRecord, resetSync } from "@logtape/logtape";
import {
  LOG_ROOT,
  RateLimitedLog,
  roomLogger,
} from "../../../lib/observe/logger.ts";

/** Puts a clock in place of the real one that moves only when it is told to. */
function stopClock(): Disposable & { advance(by: number): void } {
  const realNow = performance.now;
  let now = 1_000_000;
  performance.now = () => now;
  return {
    advance: (by) => now += by,
    [Symbol.dispose]: () => performance.now = realNow,
  };
}

/** What a log let through: each entry is how many lines were left out before. */
function linesOf(log: RateLimitedLog, causes: string[]): [string, number][] {
  const lines: [string, number][] = [];
  for (const cause of causes) {
    log.once(cause, (suppressed) => lines.push([cause, suppressed]));
  }
  return lines;
}

Deno.test("roomLogger() logs in the category of its room", () => {
  const records: LogRecord[] = [];
  configureSync({
    sinks: { records: (record) => records.push(record) },
    loggers: [
      { category: LOG_ROOT, sinks: ["records"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });

  try {
    roomLogger("link").warn("Lost {peer}", { peer: "127.0.0.1:2900" });
  } finally {
    resetSync();
  }

  const [record] = records;
  assertEquals(record?.category, ["gatewayworker", "link"]);
  assertEquals(record?.level, "warning");
  assertEquals(record?.message.join(""), "Lost 127.0.0.1:2900");
});

Deno.test("RateLimitedLog.once() lets the first line of each cause through", () => {
  using _clock = stopClock();

  const lines = linesOf(new RateLimitedLog(), ["a", "b", "a", "b", "c"]);

  assertEquals(lines, [["a", 0], ["b", 0], ["c", 0]]);
});

Deno.test("RateLimitedLog.once() says after a minute how many it left out", () => {
  using clock = stopClock();
  const log = new RateLimitedLog();

  linesOf(log, ["a", "a", "a"]);
  clock.advance(59_999);
  assertEquals(linesOf(log, ["a"]), []);
  clock.advance(1);

  assertEquals(linesOf(log, ["a", "a"]), [["a", 3]]);
});

Deno.test("RateLimitedLog.once() counts anew after each line", () => {
  using clock = stopClock();
  const log = new RateLimitedLog();

  linesOf(log, ["a", "a"]);
  clock.advance(60_000);
  linesOf(log, ["a"]);
  clock.advance(60_000);

  assertEquals(linesOf(log, ["a"]), [["a", 0]]);
});

Deno.test("RateLimitedLog.once() lets one line through for all causes beyond 1,000 in a minute", () => {
  using clock = stopClock();
  const log = new RateLimitedLog();
  const causes = Array.from({ length: 5_000 }, (_, index) => String(index));

  assertEquals(linesOf(log, causes).length, 1_001);

  assertEquals(linesOf(log, ["1", "1000", "new"]), []);
  clock.advance(60_000);
  assertEquals(linesOf(log, ["new"]), [["new", 0]]);
  assertEquals(linesOf(log, ["1"]), [["1", 1]]);
});

Deno.test("RateLimitedLog.once() takes long causes for one that begin alike", () => {
  const log = new RateLimitedLog();
  const long = "x".repeat(300);

  assertEquals(linesOf(log, [`${long}a`, `${long}b`, "x"]).length, 2);
});

Deno.test("RateLimitedLog.once() keeps a cause that was logged again lately", () => {
  using clock = stopClock();
  const log = new RateLimitedLog();

  linesOf(log, ["first", "second"]);
  clock.advance(60_000);
  linesOf(log, ["first"]);
  linesOf(log, Array.from({ length: 999 }, (_, index) => String(index)));

  assertEquals(linesOf(log, ["first"]), []);
  assertEquals(linesOf(log, ["second"]), [["second", 0]]);
});
