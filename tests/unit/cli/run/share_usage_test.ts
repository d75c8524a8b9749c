import { assertEquals } from "@std/assert";
import { UsageSharing } from "../../../../lib/cli/run/share_usage.ts";

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
