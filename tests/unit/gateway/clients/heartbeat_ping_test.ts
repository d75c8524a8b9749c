import { assertEquals } from "@std/assert";
import { Heartbeat } from "../../../../lib/gateway/clients/heartbeat.ts";
import type { Client } from "../../../../lib/gateway/clients/client.ts";
import type { Connection } from "../../../../lib/transport/connection.ts";

/** All of a client that a heartbeat looks at. */
class PingedClient {
  silentTicks = -1;
  seenActivity = 0;
  pings = 0;
  isDestroyed = false;
  activity = 0;
  isPaused = false;
  readonly connection = this.#connection();

  #connection(): Partial<Connection> {
    const ping = () => ++this.pings > 0;
    const destroy = () => void (this.isDestroyed = true);
    return Object.defineProperties({ ping, destroy }, {
      activity: { get: () => this.activity },
      isPaused: { get: () => this.isPaused },
    });
  }
}

/** Beats by hand; the only timer that is set is kept from running. */
function beating(limit: number) {
  const client = new PingedClient();
  const { setInterval } = globalThis;
  let tick = () => {};
  globalThis.setInterval = ((act: () => void) => {
    tick = act;
    return setInterval(() => {}, 1_000_000);
  }) as typeof setInterval;
  try {
    const heartbeat = new Heartbeat(
      () => [client as unknown as Client],
      { interval: 1_000, limit, data: "" },
    );
    return {
      client,
      beat: (count: number) => {
        for (let each = 0; each < count; each++) tick();
      },
      [Symbol.dispose]: () => heartbeat[Symbol.dispose](),
    };
  } finally {
    globalThis.setInterval = setInterval;
  }
}

Deno.test("Heartbeat without data sends the protocol's ping at every beat but the first", () => {
  using parts = beating(0);
  const { client, beat } = parts;

  beat(1);
  assertEquals(client.pings, 0);
  beat(3);

  assertEquals([client.pings, client.isDestroyed], [3, false]);
});

Deno.test("Heartbeat without data takes any byte for a sign of life", () => {
  using parts = beating(1);
  const { client, beat } = parts;

  for (let each = 0; each < 10; each++) {
    beat(3);
    client.activity++;
  }

  assertEquals([client.pings, client.isDestroyed], [10, false]);
});

Deno.test("Heartbeat without data ends a client after its limit, and a tick", () => {
  using parts = beating(2);
  const { client, beat } = parts;

  beat(5);
  assertEquals([client.pings, client.isDestroyed], [2, false]);
  beat(1);

  assertEquals(client.isDestroyed, true);
});

Deno.test("Heartbeat leaves a client alone that is not read", () => {
  using parts = beating(1);
  const { client, beat } = parts;
  client.isPaused = true;

  beat(20);
  assertEquals([client.pings, client.isDestroyed], [0, false]);
  client.isPaused = false;
  beat(3);

  assertEquals([client.pings, client.isDestroyed], [1, false]);
});
