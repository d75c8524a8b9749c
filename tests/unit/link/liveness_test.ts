import { assertEquals } from "@std/assert";
import { Liveness } from "../../../lib/link/liveness.ts";
import { FakeClock } from "../../_support/fake_clock.ts";

Deno.test("Liveness knows from answered pings how far the other end has read", () => {
  const liveness = new Liveness();
  liveness.onPing(100);
  liveness.onPing(250);
  assertEquals([liveness.readBytes, liveness.pingedBytes], [0, 250]);

  liveness.onPong(0);
  assertEquals(liveness.readBytes, 100);
  liveness.onPong(0);
  assertEquals(liveness.readBytes, 250);

  // An answer to what nobody asked tells nothing.
  liveness.onPong(0);
  assertEquals([liveness.readBytes, liveness.pingedBytes], [250, 250]);
});

Deno.test("Liveness calls an end mute that owes an answer for a second", () => {
  using clock = new FakeClock();
  const liveness = new Liveness();
  assertEquals(liveness.isMute, false);
  liveness.onPing(100);
  clock.standStill(900);
  liveness.onPing(200);
  assertEquals(liveness.isMute, false);
  clock.standStill(200);
  assertEquals(liveness.isMute, true);

  liveness.onPong(0);
  assertEquals(liveness.isMute, false);
});
