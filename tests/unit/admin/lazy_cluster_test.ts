import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  LazyCluster,
  type LeavableCluster,
} from "../../../lib/admin/lazy_cluster.ts";
import { LinkClosedError } from "../../../lib/base/errors.ts";

/** A cluster that can be left, and nothing else. */
class FakeCluster implements AsyncDisposable {
  isLeft = false;

  [Symbol.asyncDispose](): Promise<void> {
    this.isLeft = true;
    return Promise.resolve();
  }
}

/** Joins fake clusters, as many as there are results. */
class Joining {
  readonly results: (FakeCluster | Error)[];
  attempts = 0;

  constructor(...results: (FakeCluster | Error)[]) {
    this.results = results;
  }

  readonly join = (): Promise<LeavableCluster> => {
    const result = this.results[this.attempts++];
    return result instanceof FakeCluster
      // No call of the API is made in these tests.
      ? Promise.resolve(result as unknown as LeavableCluster)
      : Promise.reject(result);
  };
}

Deno.test("LazyCluster joins once, when it is first needed, and leaves at the end", async () => {
  const fake = new FakeCluster();
  const joining = new Joining(fake);
  {
    await using cluster = new LazyCluster(joining.join);
    assertEquals(joining.attempts, 0);

    const [one, other] = await Promise.all([cluster.get(), cluster.get()]);

    assertStrictEquals(one, other);
    assertEquals(joining.attempts, 1);
  }
  assertEquals(fake.isLeft, true);
});

Deno.test("LazyCluster tries again after it could not join", async () => {
  const joining = new Joining(
    new LinkClosedError("not yet"),
    new FakeCluster(),
  );
  await using cluster = new LazyCluster(joining.join);

  await assertRejects(() => cluster.get(), LinkClosedError, "not yet");
  await cluster.get();

  assertEquals(joining.attempts, 2);
});

Deno.test("LazyCluster joins nothing after its end, and ends well if it never could", async () => {
  const joining = new Joining(new LinkClosedError("never"));
  const cluster = new LazyCluster(joining.join);
  await assertRejects(() => cluster.get(), LinkClosedError, "never");

  await cluster[Symbol.asyncDispose]();

  await assertRejects(() => cluster.get(), LinkClosedError, "this is the end");
  assertEquals(joining.attempts, 1);
});
