import { assert, assertEquals, assertFalse } from "@std/assert";
import type { Link } from "../../../lib/link/link.ts";
import type { GatewayStream } from "../../../lib/worker/gateway_stream.ts";
import { Thaw } from "../../../lib/worker/thaw.ts";

/** Longer than a Register waits for anybody. */
const LONG = 100_000;

/** Longer than a gateway waits. */
const SHORT = 20_000;

/** Shorter than anybody waits. */
const MOMENT = 2_000;

/** Everything around {@linkcode Thaw}, set by hand. */
class Surroundings {
  lostRegisters = 0;
  isListWhole = true;
  readonly thaw = new Thaw({
    linkHeartbeat: 5_000,
    lostRegisters: () => this.lostRegisters,
    isListWhole: () => Promise.resolve(this.isListWhole),
    signal: AbortSignal.abort(),
  });
}

function newStream(link: { isOpen: boolean; version?: number }): GatewayStream {
  const { isOpen, version = 3 } = link;
  // All of a stream that is looked at.
  return {
    isGivenUp: false,
    link: { isOpen, peer: { version } } as Link,
  } as GatewayStream;
}

Deno.test("Thaw keeps the clients of gateways that live, and of those that died without a word", async () => {
  const { thaw } = new Surroundings();
  const [alive, dead] = [
    newStream({ isOpen: true }),
    newStream({ isOpen: false }),
  ];

  await thaw.begin(LONG, [alive, dead]);

  assertFalse(alive.isGivenUp);
  assertFalse(dead.isGivenUp);
});

Deno.test("Thaw leaves the clients of dead gateways to witnesses if a Register forgot the worker", async () => {
  const around = new Surroundings();
  const [alive, dead] = [
    newStream({ isOpen: true }),
    newStream({ isOpen: false }),
  ];
  around.thaw.tick();

  const decided = around.thaw.begin(LONG, [alive, dead]);
  around.lostRegisters++;
  around.thaw.tick();
  await decided;

  assertFalse(alive.isGivenUp);
  assert(dead.isGivenUp);
});

Deno.test("Thaw blames nobody for a Register that was lost before, for a moment, or is not whole again", async () => {
  const around = new Surroundings();
  const dead = newStream({ isOpen: false });
  around.lostRegisters++;
  around.thaw.tick();

  await around.thaw.begin(LONG, [dead]);
  around.lostRegisters++;
  await around.thaw.begin(MOMENT, [dead]);
  around.thaw.tick();
  around.lostRegisters++;
  around.isListWhole = false;
  await around.thaw.begin(SHORT, [dead]);

  assertFalse(dead.isGivenUp);
});

Deno.test("Thaw takes it that a gateway which could not say so has given the worker up", async () => {
  const { thaw } = new Surroundings();
  const dead = newStream({ isOpen: false, version: 2 });

  await thaw.begin(SHORT / 2, [dead]);
  assertFalse(dead.isGivenUp);
  await thaw.begin(SHORT, [dead]);

  assert(dead.isGivenUp);
});

Deno.test("Thaw holds streams of gateways that are found dead while it decides", async () => {
  const { thaw } = new Surroundings();
  const dead = newStream({ isOpen: false });
  assertFalse(thaw.defers(dead));

  const decided = thaw.begin(SHORT, [dead]);
  assert(thaw.defers(dead));

  assertEquals(await decided, [dead]);
  assertFalse(thaw.isUnderWay);
  assertEquals(await thaw.begin(SHORT, [dead]), []);
});
