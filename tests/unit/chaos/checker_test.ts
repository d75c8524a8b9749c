import { assertEquals } from "@std/assert";
import { answerText } from "../../chaos/script.ts";
import { rulesBroken, TestJournal } from "./_journal.ts";

const REPEAT = { redelivered: true, worker: 2 };

function journal(): TestJournal {
  return new TestJournal().connect();
}

Deno.test("Checker finds nothing where nothing is wrong", () => {
  assertEquals(rulesBroken(journal().messages(1, 5).stay(5)), []);
});

Deno.test("Checker finds a message that was never handled", () => {
  assertEquals(rulesBroken(journal().messages(1, 4).stay(5)), ["lost"]);
});

Deno.test("Checker finds a message whose handler began and never ended", () => {
  const cut = journal().messages(1, 4).hear(5).mark("killed", "w1")
    .begin("message", 5);

  assertEquals(rulesBroken(cut.stay(5)), ["lost"]);
});

Deno.test("Checker finds a message that was left out though later ones were handled", () => {
  const gap = journal().messages(1, 2).messages(4, 5);

  assertEquals(rulesBroken(gap.stay(5)), ["order", "lost"]);
});

Deno.test("Checker finds two messages that were swapped", () => {
  const swapped = journal().messages(1, 1).tell("message", 3)
    .tell("message", 2).hear(2).hear(3).messages(4, 4);

  assertEquals(rulesBroken(swapped.stay(4)).includes("order"), true);
});

Deno.test("Checker finds a message that was handled twice without a mark", () => {
  const twice = journal().messages(1, 3).tell("message", 3);

  assertEquals(rulesBroken(twice.stay(3)), ["unmarked", "needless"]);
});

Deno.test("Checker accepts marked repeats of what a killed worker had", () => {
  const repeated = journal().messages(1, 4).mark("killed", "w1")
    .messages(3, 6, REPEAT);

  assertEquals(rulesBroken(repeated.stay(6, 2)), []);
});

Deno.test("Checker finds a marked repeat though no worker was lost", () => {
  const needless = journal().messages(1, 4).mark("stopped", "w1")
    .messages(4, 5, REPEAT);

  assertEquals(rulesBroken(needless.stay(5, 2)), ["needless"]);
});

Deno.test("Checker finds repeats that are not in order", () => {
  const disordered = journal().messages(1, 4).mark("killed", "w1")
    .messages(4, 4, REPEAT).messages(3, 3, REPEAT).messages(5, 5, REPEAT);

  assertEquals(rulesBroken(disordered.stay(5, 2)), ["needless", "order"]);
});

Deno.test("Checker finds a repeat with another id", () => {
  const renamed = journal().messages(1, 2).mark("killed", "w1")
    .messages(2, 2, { ...REPEAT, eventId: "another" });

  assertEquals(rulesBroken(renamed.stay(2, 2)), ["id"]);
});

Deno.test("Checker finds two events with the same id", () => {
  const same = journal().messages(1, 1, { eventId: "x" })
    .messages(2, 2, { eventId: "x" });

  assertEquals(rulesBroken(same.stay(2)).includes("id"), true);
});

Deno.test("Checker finds a handler that begins before the last one has ended", () => {
  const overlapping = journal().begin("message", 1).begin("message", 2)
    .end("message", 1).end("message", 2).hear(1).hear(2);

  assertEquals(rulesBroken(overlapping.stay(2)), ["overlap"]);
});

Deno.test("Checker accepts what a suspended worker does late", () => {
  const late = journal().messages(1, 2).mark("disturbed", "w1")
    .messages(2, 5, REPEAT).tell("message", 3);

  assertEquals(rulesBroken(late.stay(5, 2)), []);
});

Deno.test("Checker accepts what a suspended worker does late with events that were repeats already", () => {
  const late = journal().messages(1, 2).mark("killed", "w1")
    .mark("disturbed", "w3").messages(2, 5, REPEAT)
    .tell("message", 2, { worker: 3, redelivered: true });

  assertEquals(rulesBroken(late.stay(5, 2)), []);
});

Deno.test("Checker finds what a worker does late that nothing happened to", () => {
  const late = journal().messages(1, 2).mark("killed", "w1")
    .messages(2, 5, REPEAT).tell("message", 3, { worker: 3 });

  assertEquals(
    rulesBroken(late.messages(4, 5, REPEAT).stay(5, 2)).includes("unmarked"),
    true,
  );
});

Deno.test("Checker no longer excuses a worker that is calm again", () => {
  const needless = journal().messages(1, 2).mark("disturbed", "w1")
    .mark("calm", "w1").messages(2, 2, REPEAT);

  assertEquals(rulesBroken(needless.stay(2, 2)), ["needless"]);
});

Deno.test("Checker finds a client without a connect event", () => {
  const silent = new TestJournal();
  silent.records.push({ kind: "dial", name: "c0.1", gateway: 0 });
  silent.records.push({ kind: "open", name: "c0.1" });

  assertEquals(rulesBroken(silent.ended(0)), ["connect", "close"]);
});

Deno.test("Checker finds a client with two connect events", () => {
  const twice = journal().tell("connect", 0);

  assertEquals(rulesBroken(twice.stay(0)).includes("connect"), true);
});

Deno.test("Checker finds a client without a close event", () => {
  assertEquals(rulesBroken(journal().messages(1, 2).ended(2)), ["close"]);
});

Deno.test("Checker finds a client with two close events, as two workers may raise", () => {
  const twice = journal().messages(1, 2).stay(2).tell("close", 0, {
    worker: 2,
  });

  assertEquals(rulesBroken(twice).includes("close"), true);
});

Deno.test("Checker finds a message that is handled after the close event", () => {
  const late = journal().messages(1, 1).ended(2).tell("close").messages(2, 2);

  assertEquals(rulesBroken(late), ["order"]);
});

Deno.test("Checker accepts repeats after a close event that a worker had which was lost then", () => {
  const repeated = journal().messages(1, 3).ended(3).tell("close")
    .mark("killed", "w1").messages(2, 3, REPEAT).tell("close", 0, REPEAT);

  assertEquals(rulesBroken(repeated), []);
});

Deno.test("Checker finds a client that was disconnected for no reason", () => {
  const broken = journal().messages(1, 2).ended(2, "broken").tell("close");
  const closed = journal().messages(1, 2).ended(2, "closed", 1011)
    .tell("close");

  assertEquals(rulesBroken(broken), ["disconnect"]);
  assertEquals(rulesBroken(closed), ["disconnect"]);
});

Deno.test("Checker accepts a broken connection of a killed gateway, but not without its close event", () => {
  const killed = () =>
    journal().messages(1, 2).mark("killed", "g0").ended(7, "broken");

  assertEquals(rulesBroken(killed().tell("close")), []);
  assertEquals(rulesBroken(killed()), ["close"]);
});

Deno.test("Checker accepts 1001 of a stopped gateway, and nothing else of it", () => {
  const stopped = () => journal().messages(1, 2).mark("stopped", "g0");

  assertEquals(
    rulesBroken(stopped().ended(2, "closed", 1001).tell("close")),
    [],
  );
  assertEquals(
    rulesBroken(stopped().ended(2, "broken").tell("close")),
    ["disconnect"],
  );
});

Deno.test("Checker does not excuse a disconnect by an earlier gateway at the same place", () => {
  const later = new TestJournal().mark("killed", "g0").mark("started", "g0")
    .connect().messages(1, 2).ended(2, "broken").tell("close");

  assertEquals(rulesBroken(later), ["disconnect"]);
});

Deno.test("Checker finds an answer that never came, and answers out of order", () => {
  const silent = journal().messages(1, 2).tell("message", 3);
  const swapped = journal().tell("message", 1).tell("message", 2)
    .hear(2).hear(1);

  assertEquals(rulesBroken(silent.stay(3)), ["answer"]);
  assertEquals(rulesBroken(swapped.stay(2)), ["answer"]);
});

Deno.test("Checker finds an answer that another client got", () => {
  const stray = journal().messages(1, 2).hearText(answerText("r", "c5.1", 1));

  assertEquals(rulesBroken(stray.stay(2)), ["stray"]);
});

Deno.test("Checker finds a session that is behind", () => {
  const behind = journal().messages(1, 1, { seen: 0 })
    .messages(2, 2, { seen: 0 });

  assertEquals(rulesBroken(behind.stay(2)), ["session"]);
});

Deno.test("Checker finds a message for a partner that the partner did not hear", () => {
  const partner = new TestJournal("c1.1").connect();
  const told = new TestJournal("c0.1", partner.records).connect()
    .messages(1, 3).stay(3);
  partner.stay(0);

  assertEquals(rulesBroken(told), ["told"]);
});

Deno.test("Checker accepts a message for a partner that the partner heard", () => {
  const partner = new TestJournal("c1.1").connect();
  const told = new TestJournal("c0.1", partner.records).connect()
    .messages(1, 3).stay(3);
  partner.hearText(answerText("p", "c0.1", 3)).stay(0);

  assertEquals(rulesBroken(told), []);
});

Deno.test("Checker finds a call that failed on a worker that nothing happened to", () => {
  const failed = journal().begin("message", 1)
    .end("message", 1, {}, "QueryTimeoutError").hear(1);

  assertEquals(rulesBroken(failed.stay(1)), ["error"]);
});
