import { assertEquals } from "@std/assert";
import { UsageSharing } from "../../../../lib/cli/run/share_usage.ts";
import {
  Usage,
  type UsageRound,
} from "../../../../lib/gateway/clients/usage.ts";
import { encodeOrder, MAX_ORDER } from "../../../../lib/process/channel.ts";
import type { ChildState } from "../../../../lib/process/supervisor.ts";

Deno.test("UsageSharing leaves nothing behind with each round", async () => {
  const rounds = Promise.withResolvers<void>();
  let asked = 0;
  let listening = 0;
  const { addEventListener: add, removeEventListener: remove } =
    AbortSignal.prototype;
  AbortSignal.prototype.addEventListener = function (...given: unknown[]) {
    listening++;
    Reflect.apply(add, this, given);
  };
  AbortSignal.prototype.removeEventListener = function (...given: unknown[]) {
    listening--;
    Reflect.apply(remove, this, given);
  };
  try {
    await using _ = new UsageSharing({
      ask: () => {
        if (++asked === 4) rounds.resolve();
        return Promise.resolve([]);
      },
    });
    await rounds.promise;
    // That of the wait that has just begun at most.
    assertEquals(listening <= 1, true, `${listening} of ${asked} rounds`);
  } finally {
    AbortSignal.prototype.addEventListener = add;
    AbortSignal.prototype.removeEventListener = remove;
  }
});

Deno.test("UsageSharing gives no order that is longer than an order may be, from the first on", async () => {
  const names = Array.from(
    { length: 4_000 },
    (_, index) => `u${"x".repeat(100)}${index}`,
  );
  const gateways = Array.from({ length: 4 }, (_, pid) =>
    new Usage({
      countOf: () => 1,
      names: () => names,
      takeSpent: () => [],
      spend: () => {},
    }, pid));
  const known = () =>
    names.slice(0, 500).every((name) => gateways[0]?.others(name) === 3);
  const lengths: number[] = [];
  const done = Promise.withResolvers<void>();

  await using _ = new UsageSharing({
    ask: (question) => {
      const order = encodeOrder({ command: "ask", id: 1, question });
      lengths.push(order.length);
      const { round } = question as { round: UsageRound };
      const states = gateways.map((usage, pid) => ({
        pid,
        answer: usage.exchange(round),
      }));
      if (known() || lengths.length > 8) done.resolve();
      return Promise.resolve(states as unknown as ChildState[]);
    },
  });
  await done.promise;

  assertEquals(known(), true);
  assertEquals(lengths.filter((length) => length > MAX_ORDER), []);
});
