import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeSession,
  encodeSession,
  type Session,
} from "../../../lib/wire/bodies/session.ts";
import { LaneSession } from "../../../lib/worker/lane_session.ts";

function sessionOf(value: Session): LaneSession {
  const session = new LaneSession();
  session.adopt(encodeSession(value));
  return session;
}

/** What was changed, as the gateway decodes it. */
function takeChange(session: LaneSession) {
  const change = session.takeChange();
  return change && { ...change, set: decodeSession(change.set) };
}

function count(session: LaneSession): void {
  const { value } = session;
  value["count"] = Number(value["count"] ?? 0) + 1;
  session.takeChange();
}

Deno.test("LaneSession.takeChange() finds nothing where the handler did not look, or changed nothing", () => {
  const session = sessionOf({ a: 1 });
  assertEquals(session.takeChange(), undefined);

  assertEquals(session.value, { a: 1 });

  assertEquals(session.takeChange(), undefined);
});

Deno.test("LaneSession.takeChange() finds what the handler changed, deep inside too", () => {
  const session = sessionOf({ same: 1, list: [1], gone: true });

  (session.value["list"] as number[]).push(2);
  session.value["fresh"] = "new";
  delete session.value["gone"];

  assertEquals(takeChange(session), {
    set: { list: [1, 2], fresh: "new" },
    remove: ["gone"],
  });
});

Deno.test("LaneSession shows the next handler a change that is not confirmed yet", () => {
  const session = sessionOf({ count: 1 });
  session.value["count"] = 2;
  session.takeChange();

  assertEquals(session.value, { count: 2 });
  session.value["count"] = 3;

  assertEquals(takeChange(session), { set: { count: 3 }, remove: [] });
});

Deno.test("LaneSession gives each handler an object of its own", () => {
  const session = sessionOf({ list: [1] });
  const before = session.value;
  session.takeChange();

  (before["list"] as number[]).push(2);

  assertEquals(session.value, { list: [1] });
});

Deno.test("LaneSession keeps what the gateway told in the meantime under what is not confirmed", () => {
  const session = sessionOf({ a: 1 });
  session.value["mine"] = 1;
  session.takeChange();

  session.adopt(encodeSession({ a: 2, theirs: 1 }));
  assertEquals(session.value, { a: 2, theirs: 1, mine: 1 });
  session.takeChange();
  session.confirm("stored");

  assertEquals(session.value, { a: 2, theirs: 1, mine: 1 });
});

Deno.test("LaneSession forgets a change that the gateway refused", () => {
  const session = sessionOf({ a: 1 });
  session.value["b"] = "too large";
  session.takeChange();

  session.confirm("refused");

  assertEquals(session.value, { a: 1 });
});

Deno.test("LaneSession takes a new object for the session, but nothing else", () => {
  const session = sessionOf({ a: 1 });

  session.value = { b: 2 };

  assertEquals(takeChange(session), { set: { b: 2 }, remove: ["a"] });
  for (const wrong of [null, undefined, "text", 7]) {
    assertThrows(
      () => session.value = wrong as unknown as Session,
      TypeError,
      "Cannot store session",
    );
  }
});

Deno.test("LaneSession.takeChange() throws for what cannot be stored, and the next handler starts afresh", () => {
  const session = sessionOf({ a: 1 });
  session.value["act"] = () => {};

  assertThrows(() => session.takeChange(), TypeError, '"act"');

  assertEquals(session.value, { a: 1 });
});

Deno.test("LaneSession has what is left after one of several changes was refused", () => {
  const session = sessionOf({ a: 1 });
  for (const key of ["b", "c", "d"]) {
    session.value[key] = 1;
    session.takeChange();
  }

  session.confirm("stored");
  session.confirm("refused");
  assertEquals(session.value, { a: 1, b: 1, d: 1 });
  session.confirm("stored");

  assertEquals(session.value, { a: 1, b: 1, d: 1 });
});

Deno.test("LaneSession has what the gateway tells while a handler runs under what that handler changed", () => {
  const session = sessionOf({ a: 1, b: 1 });
  session.value["a"] = 2;

  session.adopt(encodeSession({ a: 1, b: 2 }));
  assertEquals(takeChange(session), { set: { a: 2 }, remove: [] });

  assertEquals(session.value, { a: 2, b: 2 });
  session.takeChange();
  session.confirm("stored");
  assertEquals(session.value, { a: 2, b: 2 });
});

Deno.test("LaneSession does not see what is done to the objects of a handler that is over", () => {
  const session = sessionOf({});
  const list = [1];
  session.value["list"] = list;
  session.takeChange();

  list.push(2);
  session.adopt(encodeSession({ other: 1 }));

  assertEquals(session.value, { list: [1], other: 1 });
});

Deno.test("LaneSession is full with 64 changes on their way, or 256 KiB", () => {
  const session = sessionOf({});
  for (let each = 0; each < 64; each++) {
    assertEquals(session.isFull, false);
    count(session);
  }
  assertEquals(session.isFull, true);
  session.confirm("stored");
  assertEquals(session.isFull, false);

  session.value["large"] = new Uint8Array(262_144);
  session.takeChange();
  assertEquals(session.isFull, true);
  session.settle();
  assertEquals(session.isFull, false);
});
