import { pathToFileURL } from "node:url";
import {
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { getLogger, type LogRecord } from "@logtape/logtape";
import { ODD_VALUES } from "../../fuzz/thrown_values.ts";
import { roomLogger } from "../../../lib/observe/logger.ts";
import {
  parseLogLevel,
  startLogging,
  toJsonLine,
  toShortLine,
  toTextLine,
} from "../../../lib/process/logging.ts";

const RECORD: LogRecord = {
  category: ["gatewayworker", "link"],
  level: "warning",
  timestamp: Date.UTC(2026, 0, 31, 12),
  message: ["Cannot reach ", "127.0.0.1:1", ""],
  rawMessage: "Cannot reach {addr}",
  properties: { addr: "127.0.0.1:1" },
};

Deno.test("toTextLine() has time, level, process, room and message", () => {
  assertEquals(
    toTextLine(RECORD, "gateway 0"),
    "2026-01-31T12:00:00.000Z WARN    [gateway 0] link: Cannot reach 127.0.0.1:1\n",
  );
});

Deno.test("toShortLine() has no date and no room, and paths as seen from here", () => {
  const here = pathToFileURL(Deno.cwd());
  const properties = { stack: `at handle (${here}/handler.ts:3:9)` };

  assertMatch(
    toShortLine({ ...RECORD, properties }, "worker 0"),
    /^\d\d:\d\d:\d\d warn worker 0: Cannot reach 127\.0\.0\.1:1\n {4}at handle \(handler\.ts:3:9\)\n$/,
  );
});

Deno.test("toTextLine() shows an error that the message does not", () => {
  const error = new TypeError("no way");
  const warning = { ...RECORD, properties: { error } };
  const shown = { ...warning, message: ["It failed: ", error, ""] };
  const serious = { ...warning, level: "error" as const };

  assertStringIncludes(toTextLine(warning, "x"), "127.0.0.1:1: no way\n");
  assertStringIncludes(toTextLine(shown, "x"), "It failed: no way\n");
  assertStringIncludes(toTextLine(serious, "x"), "TypeError: no way\n    at ");
});

Deno.test("toTextLine() lets nobody begin a line or command a terminal", () => {
  const record = { ...RECORD, message: ["Peer ", "a\nb\x1b[2J", " left"] };

  assertStringIncludes(
    toTextLine(record, "x"),
    "link: Peer a\\x0ab\\x1b[2J left\n",
  );
});

Deno.test("toTextLine() prints a stack as lines, none of which passes for one of the log", () => {
  const stack = "at a (file:///a.ts:1:1)\nat b\x1b[2J (file:///b.ts:1:1)";
  const record = { ...RECORD, properties: { stack } };

  assertStringIncludes(
    toTextLine(record, "x"),
    "127.0.0.1:1\n    at a (file:///a.ts:1:1)\n    at b\\x1b[2J (file:///b.ts:1:1)\n",
  );
});

Deno.test("toTextLine() does not let an error's message begin a line", () => {
  const error = new Error("no\n2026-01-31 INFO forged");
  const record = { ...RECORD, level: "error" as const, properties: { error } };

  assertStringIncludes(
    toTextLine(record, "x"),
    "\nError: no\\x0a2026-01-31 INFO forged\n    at ",
  );
});

Deno.test("a line shows no more than 4,000 characters of a value, and marks of direction as such", () => {
  const long = "x".repeat(1_000_000);
  const record = { ...RECORD, message: ["", long, ""], properties: { long } };

  assertEquals(toTextLine(record, "x").includes("x".repeat(4_001)), false);
  assertEquals(toJsonLine(record, "x").length < 10_000, true);
  assertStringIncludes(
    toTextLine({ ...RECORD, message: ["a\u202eb\u2028c"] }, "x"),
    "a\\u202eb\\u2028c\n",
  );
});

for (const [what, make] of Object.entries(ODD_VALUES)) {
  Deno.test(`a handler's logger takes ${what}`, () => {
    const record = {
      ...RECORD,
      category: ["app"],
      level: "error" as const,
      message: ["It was ", make(), ""],
      properties: { error: make(), other: [make()] },
    };

    assertStringIncludes(toTextLine(record, "x"), "app: It was ");
    assertEquals(JSON.parse(toJsonLine(record, "x")).room, "app");
  });
}

Deno.test("toJsonLine() is one line with every fact", () => {
  const properties = { addr: "a\nb", size: 10n, error: new TypeError("no") };

  const line = toJsonLine({ ...RECORD, properties }, "gateway 0");

  const { facts: { error, ...facts }, ...rest } = JSON.parse(line);
  assertEquals(line.indexOf("\n"), line.length - 1);
  assertEquals(rest, {
    time: "2026-01-31T12:00:00.000Z",
    level: "warn",
    room: "link",
    process: "gateway 0",
    pid: Deno.pid,
    message: "Cannot reach 127.0.0.1:1",
  });
  assertEquals(facts, { addr: "a\nb", size: "10" });
  assertEquals([error.name, error.message], ["TypeError", "no"]);
});

Deno.test("startLogging() writes lines from its level up until it is disposed", () => {
  const decoder = new TextDecoder();
  let text = "";
  const output = {
    writeSync(bytes: Uint8Array) {
      text += decoder.decode(bytes);
      return bytes.length;
    },
  };
  const logger = roomLogger("test");

  {
    using _logging = startLogging({
      levels: ["warning"],
      format: "text",
      who: "x",
      output,
    });
    logger.info("too low");
    logger.warn("heard");
  }
  logger.error("too late");

  assertStringIncludes(text, "WARN    [x] test: heard\n");
  assertEquals(text.split("\n").length, 2);
});

Deno.test("startLogging() has levels of their own for categories", () => {
  const lines: string[] = [];
  {
    using _logging = startLogging({
      levels: ["warning", "gateway=debug", "my.app=error"],
      format: "text",
      who: "test",
      output: {
        writeSync: (bytes) => {
          lines.push(new TextDecoder().decode(bytes));
          return bytes.length;
        },
      },
    });
    roomLogger("gateway").debug("one");
    roomLogger("link").info("two");
    roomLogger("link").warn("three");
    getLogger(["my", "app"]).warn("four");
    getLogger(["my", "app", "part"]).error("five");
  }

  assertEquals(
    lines.map((line) => /(\w+)\n$/.exec(line)?.[1]),
    ["one", "three", "five"],
  );
});

Deno.test("parseLogLevel() reads levels and categories, and nothing else", () => {
  assertEquals(parseLogLevel("debug"), { category: "", level: "debug" });
  assertEquals(parseLogLevel("my.app=error"), {
    category: "my.app",
    level: "error",
  });
  for (const text of ["loud", "gateway=", "=debug", "a=b=debug", ""]) {
    assertThrows(() => parseLogLevel(text), TypeError, `value is "${text}"`);
  }
});
