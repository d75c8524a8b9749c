import { assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { giveBuffer, takeBuffer } from "../../../../lib/base/buffer_pool.ts";
import { ENTRY_COST } from "../../../../lib/base/entry_cost.ts";
import { eventually } from "../../../_support/eventually.ts";
import { LogLines } from "../../../_support/log_lines.ts";
import { TestGateway, type Told } from "../_test_gateway.ts";
import { processorTimeOf } from "../../../_support/processor_time.ts";

Deno.test("Delivery sends events at once when there is a worker", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker();

  const client = gateway.addClient();
  client.say("a");
  client.say("b");
  client.leave();

  assertEquals(worker.texts, ["1:connect", "1:a", "1:b", "1:close"]);
  assertEquals(worker.told.map(({ number }) => number), [1, 2, 3, 4]);
  gateway.check();
});

Deno.test("Delivery lets events wait for the first worker", () => {
  const gateway = new TestGateway();
  const clients = [gateway.addClient(), gateway.addClient()];
  for (const client of clients) client.say("a");
  assertEquals(gateway.ledger.parked, 4);
  assertEquals(gateway.delivery.parkedClients, 2);

  const worker = gateway.addWorker();

  assertEquals(worker.texts, ["1:connect", "1:a", "2:connect", "2:a"]);
  assertEquals(gateway.ledger.parked, 0);
  assertEquals(gateway.delivery.parkedClients, 0);
  gateway.check();
});

Deno.test("Delivery forgets a client when its last event is acknowledged, and not before", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker();
  const client = gateway.addClient();
  client.leave();

  worker.acknowledge(1);
  assertEquals(gateway.table.departed, 1);
  worker.acknowledge(1);

  assertEquals(gateway.table.departed, 0);
  assertEquals(worker.link.clients, 0);
});

Deno.test("Delivery stops reading a client whose worker has no room, and reads again when it has", () => {
  const gateway = new TestGateway({ window: 100 });
  const worker = gateway.addWorker();
  const [one, other] = [gateway.addClient(), gateway.addClient()];
  worker.acknowledge();
  one.say("x".repeat(50));
  one.say("x".repeat(50));

  one.say("y");

  assertEquals(worker.told.length, 2);
  assertEquals(one.connection.isPaused, true);
  assertEquals(other.connection.isPaused, false);
  worker.acknowledge();
  assertEquals(worker.texts, ["1:y"]);
  assertEquals(one.connection.isPaused, false);
});

Deno.test("Delivery lets long events wait in memory that it borrows, and gives back once they are sent", async () => {
  const gateway = new TestGateway({ window: 100_000 });
  const worker = gateway.addWorker();
  const clients = Array.from({ length: 40 }, () => gateway.addClient());
  worker.acknowledge();
  const textOf = (i: number, round: number) =>
    `${i}.${round}`.padEnd(40_000, "x");
  const atHand = () => {
    const buffers = Array.from({ length: 60 }, () => takeBuffer(40_000));
    buffers.forEach(giveBuffer);
    return buffers;
  };
  const known = new Set(atHand());
  const inUse = () => known.size - known.intersection(new Set(atHand())).size;

  for (const round of [1, 2, 3]) {
    for (const [i, client] of clients.entries()) client.say(textOf(i, round));
    assertEquals(inUse() >= 36, true, `${inUse()} are in use`);
    assertGreaterOrEqual(gateway.delivery.backlog.waiting, 36 * 66_560);
    const heard: string[] = [];
    while (heard.length < clients.length) {
      heard.push(...worker.texts);
      await eventually("all has left", () => worker.link.link.isFlushed);
      worker.acknowledge();
    }

    assertEquals(
      heard.toSorted(),
      clients.map((_, i) => `${i + 1}:${textOf(i, round)}`).toSorted(),
    );
    // Those of the link's own.
    assertEquals(inUse() <= 3, true, `${inUse()} are in use`);
  }
  gateway.check();
});

Deno.test("Delivery lets others pass long events, which go one at a time", async () => {
  const gateway = new TestGateway({ window: 200_000 });
  const worker = gateway.addWorker();
  const long = Array.from({ length: 3 }, () => gateway.addClient());
  const short = gateway.addClient();
  worker.acknowledge();
  for (const client of long) client.say("x".repeat(500_000));

  for (const text of ["a", "b", "c"]) short.say(text);

  const sent = () => worker.texts.map((text) => text.slice(0, 3)).join(" ");
  assertEquals(sent(), "1:x 4:a 4:b 4:c");
  assertEquals(short.connection.isPaused, false);
  assertEquals(long.map((one) => one.connection.isPaused), [false, true, true]);
  await eventually("all has left", () => worker.link.link.isFlushed);
  worker.acknowledge(1);
  assertEquals(sent(), "4:a 4:b 4:c 2:x");
  worker.acknowledge(4);
  assertEquals(sent(), "3:x");
  worker.acknowledge();
  assertEquals(long.some((one) => one.connection.isPaused), false);
  gateway.check();
});

Deno.test("Delivery lets nobody past a full window, whatever is long", () => {
  const gateway = new TestGateway({ window: 200_000 });
  const worker = gateway.addWorker();
  const [long, short] = [gateway.addClient(), gateway.addClient()];
  worker.acknowledge();
  long.say("x".repeat(500_000));
  for (let i = 0; i < 10; i++) short.say("y".repeat(20_000));
  assertEquals(short.connection.isPaused, true);
  const sent = worker.texts.length;

  long.leave();
  assertEquals(worker.texts.length, sent);
  worker.acknowledge();

  assertEquals(worker.texts.includes("1:close"), true);
  gateway.check();
});

Deno.test("Delivery stops reading nobody whose worker has room", () => {
  const gateway = new TestGateway({ window: 100 });
  const [full, free] = [gateway.addWorker(), gateway.addWorker()];
  const [one, other] = [gateway.addClient(), gateway.addClient()];
  full.acknowledge();
  free.acknowledge();
  one.say("x".repeat(100));
  one.say("y");

  other.say("z");

  assertEquals(free.texts, ["2:z"]);
  assertEquals(other.connection.isPaused, false);
});

Deno.test("Delivery hands a client over when its worker drains, after its events there are done", () => {
  const gateway = new TestGateway();
  const leaving = gateway.addWorker();
  const client = gateway.addClient();
  const staying = gateway.addWorker();
  client.say("a");

  leaving.drain();
  client.say("b");
  leaving.acknowledge(1);
  assertEquals(staying.texts, []);
  leaving.acknowledge(1);

  assertEquals(staying.texts, ["1:b"]);
  assertEquals(staying.told[0]?.redelivered, false);
  leaving.lose();
  assertEquals(gateway.ledger.redelivered, 0);
  gateway.check();
});

Deno.test("Delivery sends again what a lost worker did not acknowledge, marked, before anything newer", () => {
  const gateway = new TestGateway();
  const lost = gateway.addWorker();
  const client = gateway.addClient();
  for (const text of ["a", "b", "c"]) client.say(text);
  lost.acknowledge(2);
  const next = gateway.addWorker();

  lost.lose();
  client.say("d");

  const told = (what: string, number: number, redelivered: boolean): Told => ({
    client: 1,
    number,
    what,
    redelivered,
  });
  assertEquals(next.told, [
    told("b", 3, true),
    told("c", 4, true),
    told("d", 5, false),
  ]);
  assertEquals(gateway.ledger.redelivered, 2);
  gateway.check();
});

Deno.test("Delivery lets newer events of a client wait while one takes long", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker();
  const [one, other] = [gateway.addClient(), gateway.addClient()];
  worker.acknowledge();
  one.say("long");
  const deferred = worker.defer();

  one.say("behind");
  other.say("free");
  assertEquals(worker.texts, ["2:free"]);
  worker.release(deferred);

  assertEquals(worker.texts, ["2:free", "1:behind"]);
  worker.acknowledge();
  assertEquals(gateway.ledger.acknowledged, gateway.ledger.accepted);
});

Deno.test("Delivery sends events that took long again when their worker is lost, each once, in order", () => {
  const gateway = new TestGateway();
  const lost = gateway.addWorker();
  const client = gateway.addClient();
  lost.acknowledge();
  for (const text of ["a", "b", "c"]) client.say(text);
  lost.defer();
  lost.defer();
  client.say("d");
  const next = gateway.addWorker();

  lost.lose();

  assertEquals(next.texts, ["1:a", "1:b", "1:c", "1:d"]);
  assertEquals(
    next.told.map(({ redelivered }) => redelivered),
    [true, true, true, false],
  );
  gateway.check();
});

Deno.test("Delivery sends events again in order and once, though some were set aside and not acknowledged yet", () => {
  const gateway = new TestGateway();
  const lost = gateway.addWorker();
  const client = gateway.addClient();
  for (const text of ["a", "b", "c"]) client.say(text);
  lost.setAside(1);
  lost.setAside(3);
  const next = gateway.addWorker();

  lost.lose();

  assertEquals(next.texts, ["1:connect", "1:a", "1:b", "1:c"]);
  gateway.check();
});

Deno.test("Delivery counts events as acknowledged when their client's long ones are done, not when they are set aside", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker();
  const client = gateway.addClient();
  for (const text of ["a", "b", "c", "d"]) client.say(text);

  worker.deferUpTo(1, 4);
  worker.releaseUpTo(1, 1);
  worker.acknowledge(4);
  assertEquals(gateway.ledger.acknowledged, 1);
  assertEquals(gateway.ledger.inFlight, 4);
  gateway.check();

  client.say("e");
  worker.acknowledge(1);
  assertEquals(gateway.ledger.acknowledged, 2);
  worker.releaseUpTo(1, 3);
  gateway.check();
  assertEquals(worker.texts, []);
  worker.releaseUpTo(1, 4);

  assertEquals(worker.texts, ["1:e"]);
  assertEquals(gateway.ledger.acknowledged, 5);
  gateway.check();
});

Deno.test("Delivery repeats none of a client's long events that were done when their worker was lost", () => {
  const gateway = new TestGateway();
  const lost = gateway.addWorker();
  const client = gateway.addClient();
  for (const text of ["a", "b", "c"]) client.say(text);
  lost.deferUpTo(1, 4);
  lost.acknowledge();
  lost.releaseUpTo(1, 2);
  client.say("d");

  lost.lose();

  assertEquals(gateway.addWorker().texts, ["1:b", "1:c", "1:d"]);
  gateway.check();
});

Deno.test("Delivery ignores what a worker says of clients that are not its own", () => {
  const gateway = new TestGateway();
  const own = gateway.addWorker();
  gateway.addClient().say("a");
  const other = gateway.addWorker();

  other.deferUpTo(1, 2);
  other.deferUpTo(99, 1);
  own.deferUpTo(1, 3);
  own.acknowledge();

  assertEquals(gateway.ledger.acknowledged, 2);
  assertEquals(other.link.inFlight + own.link.inFlight, 0);
});

/** Events of one byte, as many as a full window of 1 MiB holds. */
const STORM = 60_000;

/** More events than a function takes arguments. */
const MANY = 150_000;

Deno.test("Delivery takes back a window of any size from a lost worker", () => {
  const gateway = new TestGateway({ window: 16_000_000, parkBytes: 8_000_000 });
  const lost = gateway.addWorker();
  const client = gateway.addClient();
  for (let each = 0; each < MANY; each++) client.say("x");
  assertEquals(lost.link.link.log.outstanding, MANY + 1);

  lost.lose();

  assertEquals(gateway.ledger.parked, MANY + 1);
  const next = gateway.addWorker();
  next.acknowledge();
  assertEquals(gateway.ledger.acknowledged, MANY + 1);
  gateway.check();
});

Deno.test("Delivery gives nobody a whole window while workers take long over too much", () => {
  const parkTotal = 100 * (16 + 1_000 + ENTRY_COST);
  const gateway = new TestGateway({ window: 100_000_000, parkTotal });
  const worker = gateway.addWorker();
  const greedy = Array.from({ length: 30 }, () => gateway.addClient());
  const ordinary = gateway.addClient();
  worker.acknowledge();

  for (const [index, each] of greedy.entries()) {
    const { client, connection } = each;
    for (let count = 0; count < 50 && !connection.isPaused; count++) {
      each.say("x".repeat(1_000));
    }
    worker.deferUpTo(client.connectionId, client.route.eventNumber);
    worker.acknowledge();
    ordinary.say(`message ${index}`);
    assertEquals(worker.texts, [
      `${ordinary.client.connectionId}:message ${index}`,
    ]);
    worker.acknowledge();
  }

  // Two have taken all that there is; the others have what a client may let wait.
  const each = Math.ceil(4_000 / (1_000 + ENTRY_COST));
  assertEquals(gateway.ledger.inFlight, 2 * 50 + 28 * each);
  assertEquals(gateway.ledger.parked, 28);
  gateway.check();
  for (const { client } of greedy) {
    worker.releaseUpTo(client.connectionId, client.route.eventNumber);
  }
  worker.acknowledge();
  assertEquals(gateway.ledger.acknowledged, gateway.ledger.accepted);
  assertEquals(gateway.delivery.backlog.kept, 0);
  assertEquals(gateway.delivery.backlog.waiting, 0);
  assertEquals(greedy.some(({ connection }) => connection.isPaused), false);
});

Deno.test("Delivery keeps nothing on behalf of a worker that is lost", () => {
  const gateway = new TestGateway({ parkTotal: 1_000 });
  const lost = gateway.addWorker();
  const client = gateway.addClient();
  client.say("x".repeat(1_000));
  lost.deferUpTo(1, 2);
  lost.acknowledge();

  lost.lose();

  assertEquals(gateway.delivery.backlog.kept, 0);
  const next = gateway.addWorker();
  assertEquals(next.texts.length, 2);
  assertEquals(gateway.delivery.backlog.waiting, 0);
  gateway.check();
});

for (const naming of ["events", "clients"] as const) {
  Deno.test(`Delivery sets aside a storm of events in passing each a few times, where a worker names ${naming}`, () => {
    const gateway = new TestGateway({ window: 8_000_000 });
    const worker = gateway.addWorker();
    const client = gateway.addClient();
    for (let each = 0; each < STORM; each++) client.say("x");

    const time = processorTimeOf(() => {
      if (naming === "clients") worker.deferUpTo(1, STORM + 1);
      for (let each = 0; each < STORM; each += 100) {
        if (naming === "events") {
          for (let index = 0; index < 100; index++) worker.setAside(index);
        }
        worker.acknowledge(100);
        if (naming === "clients") worker.releaseUpTo(1, each + 50);
        else for (let one = 1; one <= 50; one++) worker.release(each + one);
      }
    });

    // Passing a segment for each event took ten seconds.
    assertLess(time, 3_000);
    gateway.check();
  });
}

Deno.test("Delivery forgets a client whose close event took long when that is done", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker();
  const client = gateway.addClient();
  worker.acknowledge();
  client.leave();
  const deferred = worker.defer();
  assertEquals(gateway.table.departed, 1);

  worker.release(deferred);

  assertEquals(gateway.table.departed, 0);
  assertEquals(gateway.ledger.acknowledged, 2);
});

Deno.test("Delivery keeps a client whose close event is done until that is acknowledged too", () => {
  const gateway = new TestGateway();
  const lost = gateway.addWorker();
  const client = gateway.addClient();
  lost.acknowledge();
  client.leave();
  lost.release(lost.setAside(0));

  lost.lose();

  const next = gateway.addWorker();
  assertEquals(next.texts, ["1:close"]);
  next.acknowledge();
  assertEquals(gateway.ledger.acknowledged, 2);
  assertEquals(gateway.table.departed, 0);
});

Deno.test("Delivery closes a client that waited too long, and counts its events as given up", () => {
  const gateway = new TestGateway({ parkTimeout: 1_000 });
  const client = gateway.addClient();
  client.say("a");

  gateway.delivery.sweep(performance.now() + 900);
  assertEquals(client.connection.closed, undefined);
  gateway.delivery.sweep(performance.now() + 1_100);

  assertEquals(client.connection.closed?.code, 4013);
  client.leave();
  assertEquals(gateway.ledger.expired, 3);
  assertEquals(gateway.table.departed, 0);
  gateway.check();
});

Deno.test("Delivery keeps the end of a client that a worker knew, for as long as it takes", () => {
  const gateway = new TestGateway({ parkTimeout: 1_000 });
  const first = gateway.addWorker();
  const client = gateway.addClient();
  first.acknowledge();
  first.lose();
  client.leave();

  gateway.delivery.sweep(performance.now() + 1_000_000);

  assertEquals(gateway.addWorker().texts, ["1:close"]);
});

Deno.test("Delivery gives up clients that came and went while there was no worker", () => {
  const gateway = new TestGateway({ parkTimeout: 1_000 });
  gateway.addClient().leave();

  gateway.delivery.sweep(performance.now() + 1_100);

  assertEquals(gateway.table.departed, 0);
  assertEquals(gateway.delivery.parkedClients, 0);
  assertEquals(gateway.ledger.expired, 2);
  assertEquals(gateway.addWorker().texts, []);
});

Deno.test("Delivery stops reading a client that has enough waiting, and one past it only", () => {
  const gateway = new TestGateway({ parkBytes: 1_000 });
  const client = gateway.addClient();
  const { cost = 0 } = client.client.route.waiting ?? {};

  client.say("x".repeat(999 - cost - ENTRY_COST));
  assertEquals(client.connection.isPaused, false);
  client.say("x");
  assertEquals(client.connection.isPaused, true);

  gateway.addWorker();
  assertEquals(client.connection.isPaused, false);
});

Deno.test("Delivery stops reading a client that sends nothing but empty messages", () => {
  const gateway = new TestGateway({ parkBytes: 10 * ENTRY_COST });
  const client = gateway.addClient();
  let sent = 0;
  for (; !client.connection.isPaused && sent < 1_000; sent++) client.say("");

  // Its connect event is the first of them.
  assertEquals(sent, 9);
});

Deno.test("Delivery stops reading clients when all of them together have enough waiting", () => {
  const gateway = new TestGateway({ parkBytes: 4_000, parkTotal: 1_500 });
  const [one, other] = [gateway.addClient(), gateway.addClient()];
  // Two clients that came, and what one of them says.
  one.say("x".repeat(1_499 - 3 * ENTRY_COST));
  assertEquals(other.connection.isPaused, false);

  other.say("y");

  assertEquals(other.connection.isPaused, true);
});

Deno.test("Delivery has room for waiting events again when they were sent or given up", () => {
  const gateway = new TestGateway({ parkTotal: 1_000 });
  const full = gateway.addClient();
  full.say("x".repeat(1_000));
  gateway.addWorker().lose();
  gateway.delivery.sweep(performance.now() + 1_100);
  full.leave();
  gateway.addWorker().acknowledge();

  for (let each = 0; each < 5; each++) {
    const worker = gateway.addWorker();
    worker.acknowledge();
    worker.lose();
  }
  const client = gateway.addClient();
  client.say("y");

  assertEquals(client.connection.isPaused, false);
});

Deno.test("Delivery sets an event aside that was in flight in too many lost workers, and the client goes on", async () => {
  await using log = await LogLines.collect();
  const gateway = new TestGateway({ maxDeliveries: 1 });
  const lost = gateway.addWorker();
  const client = gateway.addClient();
  lost.acknowledge();
  client.say("poison");
  const next = gateway.addWorker();

  lost.lose();
  client.say("after");

  assertEquals(next.texts, ["1:after"]);
  assertEquals(gateway.ledger.poisoned, 1);
  assertEquals(log.lines.length, 1);
  gateway.check();
});

Deno.test("Delivery gives one event at a time its last chance, also while that takes long", async () => {
  const gateway = new TestGateway({ maxDeliveries: 2 });
  const lost = gateway.addWorker();
  const clients = [gateway.addClient(), gateway.addClient()];
  lost.acknowledge();
  for (const client of clients) client.say("suspect");
  lost.lose();
  const next = gateway.addWorker();
  await eventually("one of them has its chance", () => {
    gateway.delivery.sweep(performance.now());
    return next.texts.length > 0;
  });

  next.deferUpTo(1, 2);
  next.acknowledge();
  gateway.delivery.sweep(performance.now());
  assertEquals(next.texts, []);
  next.releaseUpTo(1, 2);

  assertEquals(next.texts, ["2:suspect"]);
  gateway.check();
});

Deno.test("Delivery blames no event for a worker that drained", () => {
  const gateway = new TestGateway({ maxDeliveries: 1 });
  const leaving = gateway.addWorker();
  const client = gateway.addClient();
  client.say("slow");
  leaving.drain();

  leaving.lose();

  assertEquals(gateway.addWorker().texts, ["1:connect", "1:slow"]);
  assertEquals(gateway.ledger.poisoned, 0);
});

Deno.test("Delivery binds silent clients of a lost worker to others, evenly", () => {
  const gateway = new TestGateway();
  const lost = gateway.addWorker();
  for (let each = 0; each < 6; each++) gateway.addClient();
  lost.acknowledge();
  const [one, other] = [gateway.addWorker(), gateway.addWorker()];

  lost.lose();

  assertEquals([one.link.clients, other.link.clients], [3, 3]);
});
