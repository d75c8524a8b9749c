import {
  assertEquals,
  assertLess,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { ProtocolError } from "../../../../lib/base/errors.ts";
import { encodeBody } from "../../../../lib/wire/body.ts";
import {
  applyChange,
  decodeChange,
  decodeSession,
  diffSessions,
  encodeChange,
  encodeSession,
  mergeSession,
  type Session,
} from "../../../../lib/wire/bodies/session.ts";
import { processorTimeOf } from "../../../_support/processor_time.ts";

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((each) => JSON.parse(JSON.stringify(each))),
  fc.date({
    noInvalidDate: true,
    min: new Date("1900-01-01"),
    max: new Date("2200-01-01"),
  }),
  fc.uint8Array({ maxLength: 5 }).map((bytes) => new Uint8Array(bytes)),
  fc.constantFrom(undefined, NaN, 2n ** 60n),
).filter((each) => !JSON.stringify(each, bigints)?.includes("__proto__"));

const anySession: fc.Arbitrary<Session> = fc.dictionary(
  fc.oneof(fc.constantFrom("a", "b", "c"), fc.string({ maxLength: 5 })),
  value,
).filter((each) => !Object.hasOwn(each, "__proto__")).map((each) => ({
  ...each,
}));

function bigints(_key: string, each: unknown): unknown {
  return typeof each === "bigint" ? String(each) : each;
}

/** A session as it is after a trip through its bytes. */
function settled(session: Session): Session {
  return decodeSession(encodeSession(session));
}

function cyclic(): Session {
  const ring: Session = { name: "ring" };
  ring["next"] = { back: ring };
  return ring;
}

function nested(depth: number): Session {
  let value: unknown = 1;
  for (let each = 0; each < depth; each++) value = { in: value };
  return { deep: value };
}

Deno.test("decodeSession() reads back what encodeSession() wrote", () => {
  fc.assert(fc.property(anySession, (session) => {
    assertEquals(settled(settled(session)), settled(session));
    assertEquals(Object.keys(settled(session)), Object.keys(session));
  }));
});

Deno.test("an empty session has no bytes", () => {
  assertStrictEquals(encodeSession({}), undefined);
  assertEquals(decodeSession(undefined), {});
});

Deno.test("applyChange() leads from one session to the other that diffSessions() compared it with", () => {
  fc.assert(fc.property(anySession, anySession, (one, other) => {
    const before = encodeSession(one);
    const after = settled(other);

    const change = diffSessions(before, after);

    const result = change === undefined ? before : applyChange(before, change);
    assertEquals(decodeSession(result), after);
  }));
});

Deno.test("diffSessions() finds no change where there is none", () => {
  fc.assert(fc.property(anySession, (session) => {
    const bytes = encodeSession(session);

    assertEquals(diffSessions(bytes, decodeSession(bytes)), undefined);
  }));
});

Deno.test("diffSessions() names the keys that changed, and no others", () => {
  const before = encodeSession({ same: [1], other: { a: 1 }, gone: true });

  assertEquals(
    diffSessions(before, { same: [1], other: { a: 2 }, fresh: "new" }),
    { set: { other: { a: 2 }, fresh: "new" }, remove: ["gone"] },
  );
});

Deno.test("applyChange() leaves keys alone that others changed meanwhile", () => {
  const before = encodeSession({ a: 1, b: 1 });
  const mine = diffSessions(before, { a: 2, b: 1 });
  const theirs = encodeSession({ a: 1, b: 7, c: 3 });

  assertEquals(
    decodeSession(applyChange(theirs, mine ?? { set: {}, remove: [] })),
    { a: 2, b: 7, c: 3 },
  );
});

Deno.test("applyChange() returns no bytes when the last key is gone", () => {
  const bytes = encodeSession({ a: 1 });

  assertStrictEquals(applyChange(bytes, { set: {}, remove: ["a"] }), undefined);
});

Deno.test("decodeChange() reads back what encodeChange() wrote", () => {
  const remove = fc.array(fc.string());
  fc.assert(fc.property(anySession, remove, (session, removed) => {
    const change = { set: settled(session), remove: removed };

    assertEquals(decodeChange(encodeChange(change)), change);
  }));
});

Deno.test("decodeChange() throws nothing but ProtocolError, whatever comes", () => {
  for (
    const body of [{}, { set: 1 }, { set: {} }, { set: encodeBody([1]) }, {
      set: encodeBody({}),
      remove: [1],
    }]
  ) {
    assertThrows(() => decodeChange(encodeBody(body)), ProtocolError);
  }
});

Deno.test("mergeSession() merges maps within maps, and replaces all else", () => {
  const session = encodeSession({
    keep: 1,
    map: { a: 1, inner: { x: 1, y: 1 } },
    list: [1, 2, 3],
  });

  const merged = mergeSession(session, {
    map: { b: 2, inner: { y: 2 } },
    list: [9],
    fresh: null,
  });

  assertEquals(decodeSession(merged), {
    keep: 1,
    map: { a: 1, inner: { x: 1, y: 2 }, b: 2 },
    list: [9],
    fresh: null,
  });
});

Deno.test("mergeSession() makes a session where there was none", () => {
  assertEquals(decodeSession(mergeSession(undefined, { a: { b: 1 } })), {
    a: { b: 1 },
  });
});

Deno.test("encodeSession() rejects functions and symbols, and names the key", () => {
  for (
    const [session, key] of [
      [{ act: () => 1 }, "act"],
      [{ a: { b: [0, Symbol("s")] } }, "a.b"],
    ] as const
  ) {
    assertThrows(() => encodeSession(session), TypeError, `"${key}"`);
    assertThrows(
      () => encodeChange({ set: session, remove: [] }),
      TypeError,
      `"${key}"`,
    );
  }
});

for (
  const [what, session, key] of [
    ["a value within itself", { ring: cyclic() }, '"ring'],
    ["a list within itself", { loop: loop() }, '"loop'],
    ["values nested without end", nested(100_000), '"deep'],
  ] as const
) {
  Deno.test(`encodeSession() rejects ${what}, and names the key`, () => {
    assertThrows(() => encodeSession(session), TypeError, key);
    assertThrows(
      () => encodeChange({ set: session, remove: [] }),
      TypeError,
      key,
    );
  });
}

for (
  const [what, session] of [
    ["a list with a gap of four thousand million", { gap: gap() }],
    ["a text of 100 MB", { text: "x".repeat(100_000_000) }],
    ["a list of ten million", { list: new Array(10_000_000).fill(0) }],
    ["numbers of 400 MB", { numbers: new Float64Array(50_000_000) }],
    ["one list in two places, sixty times over", { twice: doubled(60) }],
  ] as const
) {
  Deno.test(`encodeSession() rejects ${what} without encoding it`, () => {
    const time = processorTimeOf(() => {
      assertThrows(() => encodeSession(session), RangeError, "it is more");
      assertThrows(
        () => encodeChange({ set: session, remove: [] }),
        RangeError,
        "it is more",
      );
    });

    assertLess(time, 1_000);
  });
}

Deno.test("encodeSession() takes one value in two places for two", () => {
  const shared = { name: "shared" };

  assertEquals(settled({ a: shared, b: [shared, shared] }), {
    a: { name: "shared" },
    b: [{ name: "shared" }, { name: "shared" }],
  });
});

function loop(): unknown[] {
  const list: unknown[] = [];
  list.push([list]);
  return list;
}

function gap(): unknown[] {
  const list: unknown[] = [];
  list[4_000_000_000] = "somebody's number";
  return list;
}

function doubled(times: number): unknown {
  let value: unknown = [];
  for (let time = 0; time < times; time++) value = [value, value];
  return value;
}
