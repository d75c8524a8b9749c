import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { HandlerEvent } from "../../../mod.ts";
import { ODD_VALUES } from "../../fuzz/thrown_values.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { TestLane } from "./_test_lane.ts";

/** A handler that finishes each event when told, and notes when it began. */
function gated() {
  const gates: PromiseWithResolvers<string | undefined>[] = [];
  const begun: string[] = [];
  const handler = (event: HandlerEvent) => {
    begun.push(event.type === "message" ? event.text() : event.type);
    const gate = Promise.withResolvers<string | undefined>();
    gates.push(gate);
    return gate.promise;
  };
  const finish = async (index: number) => {
    gates[index]?.resolve(undefined);
    for (let each = 0; each < 5; each++) await Promise.resolve();
  };
  return { begun, handler, finish, gates };
}

Deno.test("Lane warns once of each kind of thing that a handler returns and that is no message", async () => {
  await using log = await LogLines.collect();
  const results: Record<string, unknown> = {
    object: { a: 1 },
    list: [1],
    number: 1,
    buffer: new ArrayBuffer(1),
    yes: true,
    nothing: null,
  };
  const owner = new TestLane((event) =>
    event.type === "message" ? results[event.text()] as string : undefined
  );

  for (const name of [...Object.keys(results), ...Object.keys(results)]) {
    owner.say(name);
  }

  assertEquals(owner.done.length, 12);
  assertEquals(owner.thrown, 0);
  assertEquals(
    log.lines.map((line) => /returned (.*) on message of/.exec(line)?.[1]),
    ["an object", "an array", "a number", "an ArrayBuffer"],
  );
  assertStringIncludes(log.lines[0] ?? "", "return JSON.stringify(value)");
});

Deno.test("Lane runs a handler that is not asynchronous at once", () => {
  const owner = new TestLane(() => {});

  owner.say("a");
  owner.say("b");

  assertEquals(owner.done, [1, 2]);
});

Deno.test("Lane begins an event when the one before it is done", async () => {
  const { handler, begun, finish } = gated();
  const owner = new TestLane(handler);

  for (const text of ["a", "b"]) owner.say(text);
  owner.leave();
  assertEquals(begun, ["a"]);
  await finish(0);
  assertEquals(begun, ["a", "b"]);
  await finish(1);
  await finish(2);

  assertEquals(begun, ["a", "b", "close"]);
  assertEquals(owner.done, [1, 2, 3]);
});

Deno.test("Lane counts what a handler throws, and goes on", async () => {
  await using _log = await LogLines.collect();
  const owner = new TestLane((event) => {
    if (event.type !== "message") return;
    if (event.text() === "sync") throw new RangeError("one");
    return Promise.reject(new RangeError("other"));
  });

  owner.say("sync");
  owner.say("async");
  for (let each = 0; each < 5; each++) await Promise.resolve();

  assertEquals(owner.thrown, 2);
  assertEquals(owner.done, [1, 2]);
});

for (const [what, make] of Object.entries(ODD_VALUES)) {
  Deno.test(`Lane goes on after a handler that throws, rejects with, returns or resolves ${what}`, async () => {
    await using _log = await LogLines.collect();
    const ways = [
      () => {
        throw make();
      },
      () => Promise.reject(make()),
      make,
      () => Promise.resolve(make()),
    ];
    const owner = new TestLane((event) =>
      ways[event.type === "message" ? Number(event.text()) : 0]?.() as string
    );

    for (let each = 0; each < 4; each++) owner.say(String(each));
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();

    assertEquals(owner.done, [1, 2, 3, 4]);
  });
}

Deno.test("Lane logs one line a minute for what a handler throws at one place, whatever clients sent", async () => {
  await using log = await LogLines.collect();
  const owner = new TestLane((event) => {
    if (event.type !== "message") return;
    const text = event.text();
    if (text.startsWith("{")) return String(event.json());
    throw new RangeError(`Cannot do "${text}"`);
  });

  for (let each = 0; each < 500; each++) {
    owner.say(`{secret-${each}`);
    owner.say(`word-${each}`);
  }

  assertEquals(owner.thrown, 1_000);
  assertEquals(log.lines.length, 2);
  assertStringIncludes(log.lines[0] ?? "", "SyntaxError at ");
  assertStringIncludes(
    log.lines[1] ?? "",
    'RangeError: Cannot do "word-0" at ',
  );
  for (const line of log.lines) assertStringIncludes(line, "lane_test.ts:");
  assert(!log.text.includes("secret"));
});

Deno.test("Lane logs one line a minute for sessions that cannot be stored", async () => {
  await using log = await LogLines.collect();
  const owner = new TestLane((event) => {
    if (event.type !== "message") return;
    event.client.session[event.text()] = () => {};
  });

  for (let each = 0; each < 100; each++) owner.say(`key-${each}`);

  assertEquals(owner.done.length, 100);
  assertEquals(log.lines.length, 1);
});

Deno.test("Lane begins nothing while its gateway may tell others, and goes on when it may not", async () => {
  const { handler, begun, finish } = gated();
  const owner = new TestLane(handler);
  for (const text of ["a", "b"]) owner.say(text);

  owner.isSuspended = true;
  await finish(0);
  assertEquals(begun, ["a"]);
  owner.isSuspended = false;
  owner.lane.resume();

  assertEquals(begun, ["a", "b"]);
  await finish(1);
  assertEquals(owner.done, [1, 2]);
});

Deno.test("Lane answers with strings and bytes, but not to a close event", () => {
  const owner = new TestLane((event) =>
    event.type === "message" && event.text() === "bytes"
      ? new Uint8Array(3)
      : "text"
  );

  owner.say("text");
  assertEquals(owner.link.log.appendedBytes, 16 + 4);
  owner.say("bytes");
  assertEquals(owner.link.log.appendedBytes, 16 + 4 + 16 + 3);
  owner.leave();
  assertEquals(owner.link.log.appendedBytes, 16 + 4 + 16 + 3);
});

Deno.test("Lane takes only a string or bytes for a message", () => {
  const owner = new TestLane((event) => {
    if (event.type === "message") event.client.send({} as unknown as string);
  });

  owner.say("a");

  assertEquals(owner.thrown, 1);
  assertEquals(owner.link.log.appendedBytes, 0);
});

Deno.test("Lane.expire() goes on without a handler that runs for too long, and ignores it then", async () => {
  await using _log = await LogLines.collect();
  const { handler, begun, finish, gates } = gated();
  const owner = new TestLane(handler);
  for (const text of ["a", "b"]) owner.say(text);

  owner.lane.expire(60_000, 0);
  owner.lane.expire(60_000, 59_999);
  assertEquals(begun, ["a"]);
  owner.lane.expire(60_000, 60_000);
  assertEquals(begun, ["a", "b"]);
  gates[0]?.resolve("too late");
  await finish(1);

  assertEquals(owner.timedOut, 1);
  assertEquals(owner.done, [1, 2]);
  assertEquals(owner.link.log.appendedBytes, 0);
});

/** A handler that counts in the session. */
function counting(event: HandlerEvent) {
  if (event.type !== "message") return;
  const { session } = event.client;
  session["count"] = Number(session["count"] ?? 0) + 1;
}

Deno.test("Lane begins no more while 64 changes of its session are on their way, and goes on as they are confirmed", () => {
  const owner = new TestLane(counting);
  const { pending } = owner.link;

  for (let each = 0; each < 100; each++) owner.say("more");
  assertEquals(owner.done.length, 64);
  assertEquals(pending.size, 64);
  for (let id = 1; id <= 10; id++) pending.take(id, true, "last");
  assertEquals(owner.done.length, 74);
  for (let id = 11; id <= 100; id++) pending.take(id, true, "last");

  assertEquals(owner.done.length, 100);
  assertEquals(owner.lane.session.value, { count: 100 });
});

Deno.test("Lane that waits for confirmations of its session goes on when its gateway is dead, not before", () => {
  const owner = new TestLane(counting);
  for (let each = 0; each < 100; each++) owner.say("more");

  owner.link.destroy();
  assertEquals(owner.done.length, 64);
  owner.lane.resume();

  assertEquals(owner.done.length, 100);
  assertEquals(owner.lane.session.value, { count: 100 });
});

Deno.test("Lane goes on when its gateway refuses what it waits for", async () => {
  await using _log = await LogLines.collect();
  const owner = new TestLane(counting);
  for (let each = 0; each < 66; each++) owner.say("more");

  owner.link.pending.fail(1, new RangeError("too large"));
  assertEquals(owner.done.length, 65);
  owner.link.pending.take(2, true, "last");

  assertEquals(owner.done.length, 66);
  assertEquals(owner.lane.session.value, { count: 66 });
  owner.link.destroy();
});

Deno.test("Lane goes on without a link, and sends nothing", () => {
  const owner = new TestLane((event) => {
    if (event.type !== "message") return;
    event.client.session["last"] = event.text();
    return event.text();
  });
  owner.link.destroy();

  owner.say("a");
  owner.say("b");

  assertEquals(owner.done, [1, 2]);
  assertEquals(owner.lane.session.value, { last: "b" });
});
