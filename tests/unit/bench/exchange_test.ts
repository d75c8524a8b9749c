import { assertEquals } from "@std/assert";
import { Exchange } from "../../bench/load/exchange.ts";
import { noFaults } from "../../bench/load/lane.ts";
import { servedOf } from "../../bench/load/load_result.ts";
import { planRoutes } from "../../bench/load/routes.ts";

/** An exchange whose clients note what they send. */
function exchangeOf(pattern: "echo" | "broadcast", depth: number) {
  const plan = { pattern, clients: 3, depth, groupSize: 3 } as const;
  const exchange = new Exchange(planRoutes(plan), plan.clients, 0);
  const sent: [client: number, sequence: number][] = [];
  for (let client = 0; client < 3; client++) {
    exchange.clients.push({
      send: (sequence) => sent.push([client, sequence]),
    });
  }
  return { exchange, sent };
}

Deno.test("Exchange.start() fills the depth, and each reply lets one more message go", () => {
  const { exchange, sent } = exchangeOf("echo", 2);

  exchange.start();
  exchange.onMessage(1, 1, 0);

  assertEquals(sent, [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1], [1, 2]]);
});

Deno.test("Exchange sends the next broadcast when everybody has got the last one", () => {
  const { exchange, sent } = exchangeOf("broadcast", 1);
  exchange.start();

  exchange.onMessage(0, 0, 0);
  exchange.onMessage(1, 0, 0);
  assertEquals(sent.length, 1);
  exchange.onMessage(2, 0, 0);

  assertEquals(sent, [[0, 0], [0, 1]]);
});

Deno.test("Exchange counts deliveries only while measuring, and faults always", () => {
  const { exchange } = exchangeOf("echo", 1);
  exchange.start();

  exchange.onMessage(0, 0, 0);
  exchange.beginMeasuring();
  for (const sequence of [1, 2, 3]) exchange.onMessage(0, 0, sequence);
  exchange.endMeasuring();
  exchange.onMessage(0, 0, 4);
  exchange.onMessage(0, 9, 0);

  const { delivered, latency, sent, faults } = exchange;
  assertEquals([delivered, latency.count, sent], [3, 3, 3]);
  assertEquals(faults, { ...noFaults(), corrupt: 1 });
});

Deno.test("Exchange.drain() waits for what is under way and sends nothing more", async () => {
  const { exchange, sent } = exchangeOf("echo", 1);
  exchange.start();

  const drained = exchange.drain();
  for (const client of [0, 1, 2]) exchange.onMessage(client, client, 0);
  await drained;

  assertEquals(sent.length, 3);
  assertEquals(exchange.faults, noFaults());
});

Deno.test("Exchange counts what each client received while measuring", () => {
  const { exchange } = exchangeOf("echo", 2);
  exchange.start();

  exchange.onMessage(1, 1, 0);
  exchange.beginMeasuring();
  exchange.onMessage(1, 1, 1);
  exchange.onMessage(2, 2, 0);
  exchange.onMessage(2, 2, 1);

  assertEquals([...exchange.served], [0, 1, 2]);
  assertEquals(servedOf(exchange.served), { least: 0, median: 1, most: 2 });
});
