import { assertEquals, assertThrows } from "@std/assert";
import { encodeSession, type Session } from "../../../lib/link/session.ts";
import { LaneSession } from "../../../lib/worker/lane_session.ts";

function sessionOf(value: Session): LaneSession {
  const session = new LaneSession();
  session.adopt(encodeSession(value));
  return session;
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

  assertEquals(session.takeChange(), {
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

  assertEquals(session.takeChange(), { set: { count: 3 }, remove: [] });
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

  assertEquals(session.takeChange(), { set: { b: 2 }, remove: ["a"] });
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
