import { assertEquals } from "@std/assert";
import { WaitingPushes } from "../../../lib/bridge/pushes/waiting_pushes.ts";

Deno.test("WaitingPushes gives out those of a shard, in order, and forgets what is too old", () => {
  const pushes = new WaitingPushes<string>();
  pushes.add(0, "old", 10, 0);
  pushes.add(0, "a", 10, 5_000);
  pushes.add(1, "other shard", 10, 5_000);
  pushes.add(0, "b", 10, 5_001);

  assertEquals(pushes.take(0, 6_001), ["a", "b"]);
  assertEquals(pushes.take(0, 6_001), []);
  assertEquals(pushes.take(1, 6_001), ["other shard"]);
});

Deno.test("WaitingPushes keeps the newest of what is too much", () => {
  const pushes = new WaitingPushes<number>();
  for (let push = 0; push < 20; push++) {
    pushes.add(0, push, 1024 * 1024, 0);
  }

  assertEquals(pushes.take(0, 0), [13, 14, 15, 16, 17, 18, 19]);
});
