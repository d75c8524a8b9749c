import { assertEquals, assertRejects } from "@std/assert";
import {
  OpenTaps,
  type RunningTap,
  tapRoute,
} from "../../../lib/admin/tap_route.ts";
import type { TapOrder } from "../../../lib/wire/bodies/tap.ts";

/** A tap that shows nothing, and notes its end. */
function silentTap() {
  const ended = Promise.withResolvers<undefined>();
  let isEnded = false;
  const tap: RunningTap = {
    next: () => ended.promise,
    [Symbol.asyncDispose]: () => {
      isEnded = true;
      ended.resolve(undefined);
      return Promise.resolve();
    },
  };
  return { tap, isEnded: () => isEnded };
}

Deno.test("a tap over HTTP is refused if a parameter is none, or there twice", async () => {
  const orders: TapOrder[] = [];
  const { answer } = tapRoute((order) => {
    orders.push(order);
    return Promise.resolve(silentTap().tap);
  });
  const ask = async (query: string) => {
    const url = new URL(`http://127.0.0.1/api/tap?${query}`);
    const { body } = await answer(new Request(url), url);
    await body?.cancel();
  };

  for (
    const query of [
      "",
      "uid=",
      "uid=a&uid=b",
      "uid=a&group=b",
      "uid=a&payload=yes",
      "uid=a&payload=false&payload=true",
      "uid=a&rate=many",
      "uid=a&rate=1&rate=2",
      "uid=a&all=true",
    ]
  ) {
    await assertRejects(() => ask(query), TypeError, "Cannot tap", query);
  }
  await ask("uid=a&payload=true&rate=7");
  await ask("uid=a&payload=false");

  assertEquals(
    orders.map(({ payload, rate }) => [payload, rate]),
    [[true, 7], [false, 100]],
  );
});

Deno.test("a tap that begins as its server ends, ends with it", async () => {
  const { tap, isEnded } = silentTap();
  const begun = Promise.withResolvers<RunningTap>();
  const taps = new OpenTaps(() => begun.promise);
  const opened = taps.open({} as TapOrder);

  await taps[Symbol.asyncDispose]();
  begun.resolve(tap);

  assertEquals(await (await opened).next(), undefined);
  assertEquals(isEnded(), true);
});
