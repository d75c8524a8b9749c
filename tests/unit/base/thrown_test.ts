import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  framesOf,
  messageOf,
  nameOf,
  placeOf,
  reasonOf,
  withoutCallers,
} from "../../../lib/base/thrown.ts";

Deno.test("messageOf() gives the message of an error, and other things as text", () => {
  assertEquals(messageOf(new TypeError("no")), "no");
  assertEquals(messageOf("no"), "no");
  assertEquals(messageOf(undefined), "undefined");
  assertEquals(messageOf(7), "7");
  assertEquals(messageOf(Symbol("no")), "Symbol(no)");
});

Deno.test("messageOf() says of what has no text that it has none", () => {
  assertEquals(
    messageOf(Object.create(null)),
    "an object that cannot be shown",
  );
});

Deno.test("messageOf() cuts a long message short, and says how long it was", () => {
  const message = messageOf(new Error("x".repeat(5_000_000)));

  assertEquals(message, `${"x".repeat(1_000)}… (5000000 characters)`);
});

Deno.test("nameOf() gives the class of an error, or says what else was thrown", () => {
  assertEquals(nameOf(new TypeError("no")), "TypeError");
  assertEquals(nameOf("text"), "a string");
  assertEquals(nameOf({}), "an object");
  assertEquals(nameOf(null), "null");
});

Deno.test("nameOf() does not believe a name that is none", () => {
  const error = Object.assign(new Error("no"), { name: "pass word\n" });

  assertEquals(nameOf(error), "Error");
});

Deno.test("framesOf() leaves the message out, even if it looks like frames", () => {
  const frames = framesOf(new Error("no\n    at forged (file:///f.ts:1:1)"));

  assertStringIncludes(frames[0] ?? "", "thrown_test.ts");
  assertEquals(frames.filter((frame) => frame.includes("forged")), []);
});

Deno.test("reasonOf() says class and place of what the user's code threw, and else the message", () => {
  const runtimes = new TypeError("no");
  runtimes.stack = "TypeError: no\n    at read (ext:deno_fs/30_fs.js:1:1)";

  assertEquals(reasonOf(runtimes), "no");
  assertEquals(reasonOf("text"), "text");
  assertMatch(
    reasonOf(new RangeError("no")),
    /^RangeError: no at .*thrown_test\.ts:\d+:\d+\)?$/,
  );
});

Deno.test("placeOf() is the innermost frame of the user's code", () => {
  try {
    JSON.parse("no");
  } catch (error) {
    const frames = framesOf(error);
    assertEquals(frames[0], "at JSON.parse (<anonymous>)");
    assertMatch(placeOf(frames) ?? "", /thrown_test\.ts:\d+:\d+\)?$/);
  }
  const ours =
    new URL("../../../lib/worker/events/events.ts", import.meta.url).href;
  assertEquals(
    placeOf([
      "at JSON.parse (<anonymous>)",
      `at LaneMessageEvent.json (${ours}:90:17)`,
      "at ext:core/01_core.js:1:2",
      "at async handle (file:///app/handler.ts:7:2)",
    ]),
    "at async handle (file:///app/handler.ts:7:2)",
  );
  assertEquals(placeOf(["at JSON.parse (<anonymous>)"]), undefined);
  assertEquals(placeOf([]), undefined);
});

Deno.test("withoutCallers() ends with the user's outermost frame, if there is one", () => {
  const ours = new URL("../../../lib/worker/lane.ts", import.meta.url).href;
  const users = [
    "at JSON.parse (<anonymous>)",
    "at handle (file:///app/handler.ts:7:2)",
  ];
  const callers = [`at Lane.#run (${ours}:7:2)`, "at ext:core/01_core.js:1:2"];

  assertEquals(withoutCallers([...users, ...callers]), users);
  assertEquals(withoutCallers(callers), callers);
});

Deno.test("messageOf() leaves out the colours that Deno puts into what it cannot load", () => {
  assertEquals(
    messageOf(
      new TypeError(
        'Module not found "a.ts".\n    at \x1b[0m\x1b[36ma.ts\x1b[0m:\x1b[33m2\x1b[0m',
      ),
    ),
    'Module not found "a.ts".\n    at a.ts:2',
  );
});
