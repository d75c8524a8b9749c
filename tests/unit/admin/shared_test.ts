import { assertEquals, assertLess, assertRejects } from "@std/assert";
import { Shared } from "../../../lib/admin/shared.ts";

Deno.test("Shared.get() asks once for all who come at the same time", async () => {
  let asked = 0;
  const shared = new Shared(() => Promise.resolve(++asked));

  const answers = await Promise.all(
    Array.from({ length: 1_000 }, () => shared.get()),
  );

  assertEquals(new Set(answers), new Set([1]));
});

Deno.test("Shared.get() asks anew for who comes later, one asking after another", async () => {
  const begun: PromiseWithResolvers<number>[] = [];
  const shared = new Shared(() => {
    const asking = Promise.withResolvers<number>();
    begun.push(asking);
    return asking.promise;
  });
  const first = shared.get();
  while (begun.length === 0) await Promise.resolve();
  const later = [shared.get(), shared.get()];
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(begun.length, 1);

  begun[0]?.resolve(1);
  assertEquals(await first, 1);
  while (begun.length === 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  begun[1]?.resolve(2);

  assertEquals(await Promise.all(later), [2, 2]);
});

Deno.test("Shared.get() asks at intervals, however fast it is called again", async () => {
  let asked = 0;
  const shared = new Shared(() => Promise.resolve(++asked));
  const start = performance.now();
  while (performance.now() - start < 200) await shared.get();

  assertLess(asked, 7);
});

Deno.test("Shared.get() rejects for those who waited, and asks again", async () => {
  let asked = 0;
  const shared = new Shared(() =>
    ++asked === 1
      ? Promise.reject(new RangeError("Not now"))
      : Promise.resolve(asked)
  );

  await assertRejects(() => shared.get(), RangeError, "Not now");

  assertEquals(await shared.get(), 2);
});
