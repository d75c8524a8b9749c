import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  LinkClosedError,
  QueryTimeoutError,
} from "../../../lib/base/errors.ts";
import { Pending } from "../../../lib/link/pending.ts";
import { FakeClock } from "../../_support/fake_clock.ts";

const LONG = 60_000;

Deno.test("Pending.add() resolves with the parts of the reply, in the order they came", async () => {
  const pending = new Pending("gateway");
  const { id, reply } = pending.add(LONG);

  pending.take(id, "a", "more");
  pending.take(id, "b", "more");
  pending.take(id, "c", "last");

  assertEquals(await reply, ["a", "b", "c"]);
  assertEquals(pending.size, 0);
});

Deno.test("Pending.add() gives every query an id of its own, and never 0", () => {
  const pending = new Pending("gateway");

  const ids = Array.from({ length: 50 }, () => pending.add(LONG).id);

  assertEquals(new Set(ids).size, 50);
  assert(!ids.includes(0));
  pending.close();
});

Deno.test("Pending.take() resolves replies that come out of order", async () => {
  const pending = new Pending("gateway");
  const [first, second] = [pending.add(LONG), pending.add(LONG)];

  pending.take(second.id, 2, "last");
  pending.take(first.id, 1, "last");

  assertEquals(await Promise.all([first.reply, second.reply]), [[1], [2]]);
});

Deno.test("Pending rejects a query whose reply does not come in time", async () => {
  const pending = new Pending("10.0.0.1:2900");
  const { reply } = pending.add(1);

  const error = await assertRejects(
    () => reply,
    QueryTimeoutError,
    'Cannot query gateway "10.0.0.1:2900": no reply within 1 ms',
  );

  assertEquals(error.gateway, "10.0.0.1:2900");
  assertEquals(pending.size, 0);
});

Deno.test("Pending rejects a query of whose reply only a part comes in time", async () => {
  const pending = new Pending("gateway");
  const { id, reply } = pending.add(1);

  pending.take(id, "a part", "more");

  await assertRejects(() => reply, QueryTimeoutError);
});

Deno.test("Pending lets a query wait while another one times out", async () => {
  const pending = new Pending("gateway");
  const [late, early] = [pending.add(LONG), pending.add(1)];
  await assertRejects(() => early.reply, QueryTimeoutError);

  pending.take(late.id, "here", "last");

  assertEquals(await late.reply, ["here"]);
});

Deno.test("Pending ignores replies that nobody waits for any more", async () => {
  const pending = new Pending("gateway");
  const { id, reply } = pending.add(LONG);
  pending.take(id, "once", "last");

  pending.take(id, "twice", "last");
  pending.fail(id, new TypeError("thrice"));
  pending.take(999, "never asked", "last");

  assertEquals(await reply, ["once"]);
});

Deno.test("Pending.fail() rejects one query with what the peer said", async () => {
  const pending = new Pending("gateway");
  const [failed, fine] = [pending.add(LONG), pending.add(LONG)];

  pending.fail(failed.id, new TypeError("too large"));
  pending.take(fine.id, 1, "last");

  await assertRejects(() => failed.reply, TypeError, "too large");
  assertEquals(await fine.reply, [1]);
});

Deno.test("Pending.close() rejects all that wait", async () => {
  const pending = new Pending("gateway");
  const replies = [pending.add(LONG).reply, pending.add(LONG).reply];

  pending.close();

  for (const reply of replies) {
    await assertRejects(() => reply, LinkClosedError, "the link closed");
  }
});

Deno.test("Pending makes nobody await: a rejection left alone is harmless", () => {
  const pending = new Pending("gateway");
  pending.add(LONG);

  pending.close();

  assertEquals(pending.size, 0);
});

Deno.test("Pending.watch() calls at the very moment the reply is taken", () => {
  const pending = new Pending("gateway");
  const seen: unknown[] = [];
  const watch = () => pending.watch(LONG, (error) => seen.push(error?.name));
  const [first, second] = [watch(), watch()];
  watch();

  pending.take(first, null, "last");
  assertEquals(seen, [undefined]);
  pending.fail(second, new RangeError("too large"));
  assertEquals(seen, [undefined, "RangeError"]);
  pending.close();
  assertEquals(seen, [undefined, "RangeError", "LinkClosedError"]);
});

Deno.test("Pending.watch() calls when the time is over", async () => {
  const pending = new Pending("gateway");

  const error = await new Promise<Error | undefined>((resolve) => {
    pending.watch(1, resolve);
  });

  assert(error instanceof QueryTimeoutError);
});

Deno.test("Pending gives a query the rest of its time after the process stood still", async () => {
  using clock = new FakeClock();
  const pending = new Pending("gateway");
  const { id, reply } = pending.add(5_000);
  const other = pending.add(1);

  clock.standStill(20_000);

  await assertRejects(() => other.reply, QueryTimeoutError);
  pending.take(id, "what had come meanwhile", "last");
  assertEquals(await reply, ["what had come meanwhile"]);
});
