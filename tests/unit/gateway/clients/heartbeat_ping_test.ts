import { assert, assertEquals } from "@std/assert";
import { ENTRY_COST } from "../../../../lib/base/entry_cost.ts";
import { Heartbeat } from "../../../../lib/gateway/clients/heartbeat.ts";
import type { Client } from "../../../../lib/gateway/clients/client.ts";
import type {
  Connection,
  QueuePolicy,
} from "../../../../lib/transport/connection.ts";
import { textProtocol } from "../../../../lib/transport/protocols/text.ts";
import { StreamConnection } from "../../../../lib/transport/socket/stream_connection.ts";
import { bytes, text } from "../../transport/_feed.ts";
import {
  ConnectionLog,
  FakeContext,
  FakeStream,
  settle,
} from "../../transport/_fake_stream.ts";

/** Milliseconds between two looks, of which four make an interval. */
const LOOK = 250;

/** All of a client that a heartbeat looks at. */
class PingedClient {
  silentLooks = -1;
  unansweredPings = 0;
  seenActivity = 0;
  /** When it was pinged, in milliseconds. */
  readonly pings: number[] = [];
  time = 0;
  isDestroyed = false;
  activity = 0;
  isPaused = false;
  isOpen = true;
  /** Whether its protocol has a ping. */
  hasPing = true;
  readonly connection = this.#connection();

  #connection(): Partial<Connection> {
    const ping = () => {
      if (this.hasPing) this.pings.push(this.time);
      return this.hasPing;
    };
    const destroy = () => void (this.isDestroyed = true);
    return Object.defineProperties({ ping, destroy }, {
      activity: { get: () => this.activity },
      isPaused: { get: () => this.isPaused },
      isOpen: { get: () => this.isOpen },
    });
  }

  /** A message comes from it. */
  say(): void {
    this.activity++;
    this.silentLooks = -1;
  }
}

/** A client of lines for whom as much waits as may, and who reads no more. */
async function slowClient(context: FakeContext, policy: QueuePolicy) {
  const stream = new FakeStream();
  const connection = new StreamConnection(textProtocol, stream, context);
  const log = new ConnectionLog();
  connection.open(log);
  stream.isFast = false;
  connection.sendRaw(bytes("flight\n"));
  await settle();
  for (let i = 0; i < 9; i++) {
    connection.offer(bytes("news\n"), policy, `${i}`);
  }
  const client = Object.defineProperty(new PingedClient(), "connection", {
    value: connection,
  });
  return { client, connection, stream, log };
}

/** Lets time pass by hand; the only timer that is set is kept from running. */
function beating(limit: number, data = "", client = new PingedClient()) {
  const { setInterval } = globalThis;
  let tick = () => {};
  globalThis.setInterval = ((act: () => void, delay: number) => {
    assertEquals(delay, LOOK);
    tick = act;
    return setInterval(() => {}, 1_000_000);
  }) as typeof setInterval;
  try {
    const heartbeat = new Heartbeat(
      () => [client as unknown as Client],
      { interval: 4 * LOOK, limit, data },
    );
    return {
      client,
      pass: (time: number) => {
        for (let each = 0; each < time; each += LOOK) {
          client.time += LOOK;
          tick();
        }
      },
      [Symbol.dispose]: () => heartbeat[Symbol.dispose](),
    };
  } finally {
    globalThis.setInterval = setInterval;
  }
}

Deno.test("Heartbeat pings a client that answers at every interval, not at every second one", () => {
  using parts = beating(1);
  const { client, pass } = parts;

  for (let each = 0; each < 20; each++) {
    if (client.pings.at(-1) === client.time) client.activity++;
    pass(LOOK);
  }

  assertEquals(client.pings, [1_000, 2_000, 3_000, 4_000, 5_000]);
  assertEquals(client.isDestroyed, false);
});

Deno.test("Heartbeat pings by an interval after the last message, whenever that came", () => {
  using parts = beating(0);
  const { client, pass } = parts;

  for (const silence of [250, 500, 750]) {
    pass(silence);
    client.say();
  }
  assertEquals(client.pings, []);
  pass(1_000);

  assertEquals(client.pings, [2_500]);
});

Deno.test("Heartbeat ends a client half an interval after its limit of unanswered pings", () => {
  using parts = beating(2);
  const { client, pass } = parts;

  pass(2_250);
  assertEquals([client.pings.length, client.isDestroyed], [2, false]);
  pass(LOOK);

  assertEquals([client.pings.length, client.isDestroyed], [2, true]);
});

Deno.test("Heartbeat takes any byte for an answer", () => {
  using parts = beating(1);
  const { client, pass } = parts;

  for (let each = 0; each < 50; each++) {
    pass(LOOK);
    client.activity++;
  }

  assertEquals([client.pings.length, client.isDestroyed], [12, false]);
});

Deno.test("Heartbeat does not end a client that was asked nothing", () => {
  using parts = beating(1);
  const { client, pass } = parts;
  client.hasPing = false;

  pass(20_000);

  assertEquals(client.isDestroyed, false);
});

for (const state of ["not read", "being closed"]) {
  Deno.test(`Heartbeat leaves a client alone that is ${state}`, () => {
    using parts = beating(1);
    const { client, pass } = parts;
    client.isPaused = state === "not read";
    client.isOpen = state !== "being closed";

    pass(20_000);
    assertEquals([client.pings.length, client.isDestroyed], [0, false]);
    client.isPaused = false;
    client.isOpen = true;
    pass(1_000);

    assertEquals([client.pings.length, client.isDestroyed], [1, false]);
  });
}

for (const policy of ["drop-oldest", "drop-newest", "latest"] as const) {
  Deno.test(`Heartbeat with data closes no client that is slow to take "${policy}" messages`, async () => {
    using context = new FakeContext(1_000, 100 + 3 * ENTRY_COST);
    const slow = await slowClient(context, policy);
    using parts = beating(0, "are you there?", slow.client);

    parts.pass(2_000);
    await context.pass(context.closeTimeout);
    assertEquals(slow.log.lines, ["open"]);
    slow.stream.isFast = true;
    await slow.stream.takeWrite();

    const lines = text(slow.stream.output).split("\n");
    assert(lines.includes("news"), lines.join());
    // There is room for it where something may be dropped that waits already.
    assertEquals(lines.includes("are you there?"), policy !== "drop-newest");
    slow.connection.destroy();
  });
}
