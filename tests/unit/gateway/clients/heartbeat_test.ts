import { assertEquals } from "@std/assert";
import {
  Heartbeat,
  type HeartbeatOptions,
} from "../../../../lib/gateway/clients/heartbeat.ts";
import { TestGateway } from "../_test_gateway.ts";
import { FakeClock } from "../../../_support/fake_clock.ts";

/** Beats by hand: the only timer that is set is kept from running. */
function withBeats(
  options: HeartbeatOptions,
  use: (
    gateway: TestGateway,
    beat: (count: number) => void,
    interval: number,
  ) => void,
): void {
  const { setInterval } = globalThis;
  const gateway = new TestGateway();
  let [tick, interval] = [() => {}, 0];
  globalThis.setInterval = ((act: () => void, delay: number) => {
    [tick, interval] = [act, delay];
    return setInterval(() => {}, 1_000_000);
  }) as typeof setInterval;
  try {
    using _ = new Heartbeat(() => gateway.table.all(), options);
    const beat = (count: number) => {
      for (let each = 0; each < count; each++) tick();
    };
    use(gateway, beat, interval);
  } finally {
    globalThis.setInterval = setInterval;
  }
}

const SILENT = { interval: 1_000, limit: 0, data: "" };

Deno.test("Heartbeat with data sends it to a silent client at every interval, and ends nobody", () => {
  withBeats({ ...SILENT, data: "ping" }, (gateway, beat, interval) => {
    const { connection } = gateway.addClient();
    assertEquals(interval, 250);

    beat(3);
    assertEquals(connection.sent, []);
    beat(9);

    assertEquals(connection.sent, ["ping", "ping", "ping"]);
    assertEquals(connection.isDestroyed, false);
  });
});

for (const limit of [1, 2, 5]) {
  Deno.test(`Heartbeat with limit ${limit} asks that often, then ends a silent client`, () => {
    const options = { ...SILENT, limit, data: "ping" };
    withBeats(options, (gateway, beat) => {
      const { connection } = gateway.addClient();

      beat(4 * limit + 1);
      assertEquals(connection.sent.length, limit);
      assertEquals(connection.isDestroyed, false);
      beat(1);

      assertEquals(connection.sent.length, limit);
      assertEquals(connection.isDestroyed, true);
    });
  });
}

Deno.test("Heartbeat begins anew when the client says something", () => {
  withBeats({ ...SILENT, limit: 1, data: "ping" }, (gateway, beat) => {
    const client = gateway.addClient();

    for (let each = 0; each < 10; each++) {
      beat(5);
      client.say("alive");
    }

    assertEquals(client.connection.isDestroyed, false);
    assertEquals(client.connection.sent.length, 10);
  });
});

Deno.test("Heartbeat with data takes nothing but messages for an answer", () => {
  withBeats({ ...SILENT, limit: 1, data: "ping" }, (gateway, beat) => {
    const { connection } = gateway.addClient();

    for (let each = 0; each < 6; each++) {
      connection.activity++;
      beat(1);
    }

    assertEquals(connection.isDestroyed, true);
  });
});

Deno.test("Heartbeat ends nobody just after the gateway stood still", () => {
  using clock = new FakeClock();
  withBeats({ ...SILENT, limit: 1, data: "ping" }, (gateway, beat) => {
    const { connection } = gateway.addClient();
    beat(5);

    clock.standStill(20_000);
    beat(1);

    assertEquals(connection.isDestroyed, false);
  });
});
