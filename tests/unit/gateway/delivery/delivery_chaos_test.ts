import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { RouteRule } from "../../../../lib/gateway/workers/route_rule.ts";
import {
  type TestClient,
  TestGateway,
  type TestWorker,
  type Told,
} from "../_test_gateway.ts";

/** How workers name the events that take long: one by one, or up to one of a client. */
type Naming = "events" | "clients";

/** Workers and clients that do whatever, and what became of every event. */
class Chaos {
  readonly #naming: Naming;
  readonly gateway: TestGateway;
  readonly clients: TestClient[] = [];
  readonly workers: TestWorker[] = [];
  /** By client: number of the event that was done last. */
  readonly done = new Map<number, number>();
  readonly #finished = new Set<string>();
  readonly #deferred: { worker: TestWorker; sequence: number; told: Told }[] =
    [];
  readonly #seen = new Set<string>();
  readonly #left = new Set<TestClient>();

  constructor(naming: Naming, rule: RouteRule) {
    this.#naming = naming;
    this.gateway = new TestGateway({
      window: 120,
      parkBytes: 60,
      // Of events that take long, three are a crowd.
      parkTotal: 800,
      rule,
    });
  }

  addClient(): void {
    if (this.clients.length < 4) this.clients.push(this.gateway.addClient());
  }

  say(choice: number, length: number): void {
    const client = this.clients[choice % this.clients.length];
    if (client === undefined || this.#left.has(client)) return;
    client.say("x".repeat(length));
  }

  /** Binds a client to a uid, which may move it to another worker. */
  bind(choice: number, uid: string): void {
    const client = this.clients[choice % this.clients.length];
    if (client === undefined || this.#left.has(client)) return;
    this.gateway.table.bindUid(client.client, uid);
  }

  leave(choice: number): void {
    const client = this.clients[choice % this.clients.length];
    if (client === undefined || this.#left.has(client)) return;
    this.#left.add(client);
    client.leave();
  }

  addWorker(): void {
    if (this.workers.length < 3) this.workers.push(this.gateway.addWorker());
  }

  acknowledge(choice: number, count: number): void {
    const worker = this.workers[choice % this.workers.length];
    for (let each = 0; each < count; each++) {
      const [told] = worker?.told ?? [];
      if (worker === undefined || told === undefined) return;
      const key = keyOf(worker, told);
      const isAside = this.#deferred.some((other) =>
        keyOf(other.worker, other.told) === key
      );
      if (!isAside && !this.#finished.has(key)) {
        if (this.#isBehind(told)) return;
        this.#finish(worker, told);
      }
      worker.acknowledge(1);
    }
  }

  /** Sets aside what is not done of the first events, as a worker does. */
  setAside(choice: number, count: number): void {
    const worker = this.workers[choice % this.workers.length];
    if (worker === undefined) return;
    for (const [index, told] of worker.told.slice(0, count).entries()) {
      const key = keyOf(worker, told);
      const isAside = this.#deferred.some((other) =>
        keyOf(other.worker, other.told) === key
      );
      if (isAside || this.#finished.has(key)) continue;
      this.#deferred.push({
        worker,
        sequence: this.#defer(worker, index, told),
        told,
      });
    }
  }

  #defer(worker: TestWorker, index: number, told: Told): number {
    if (this.#naming === "events") return worker.setAside(index);
    const { client, number } = told;
    const isFirst = !this.#isBehind(told);
    worker.deferUpTo(client, number);
    if (isFirst) worker.releaseUpTo(client, number - 1);
    return 0;
  }

  release(choice: number): void {
    const each = this.#deferred[choice % this.#deferred.length];
    if (each === undefined) return;
    const { client } = each.told;
    // A client's events finish in order, those that take long too.
    const first = this.#deferred.find(({ told }) => told.client === client);
    if (first === undefined) return;
    this.#deferred.splice(this.#deferred.indexOf(first), 1);
    this.#finish(first.worker, first.told);
    if (this.#naming === "events") first.worker.release(first.sequence);
    else first.worker.releaseUpTo(client, first.told.number);
  }

  drain(choice: number): void {
    this.workers[choice % this.workers.length]?.drain();
  }

  lose(choice: number): void {
    const [worker] = this.workers.splice(choice % this.workers.length, 1);
    if (worker === undefined) return;
    const kept = this.#deferred.filter((each) => each.worker !== worker);
    this.#deferred.splice(0, Infinity, ...kept);
    worker.lose();
  }

  /** Checks what must hold at any moment. */
  check(): void {
    this.gateway.check();
    const holders = new Map<number, TestWorker>();
    for (const worker of this.workers) {
      const numbers = new Map<number, number>();
      for (const { client, number, redelivered } of worker.told) {
        const holder = holders.get(client) ?? worker;
        assert(holder === worker, `two workers have events of ${client}`);
        holders.set(client, worker);
        assert((numbers.get(client) ?? 0) < number, "out of order on a link");
        numbers.set(client, number);
        const key = keyOf(worker, { client, number, redelivered, what: "" });
        const before = `${client}:${number}:`;
        const isRepeated = [...this.#seen].some((each) =>
          each.startsWith(before) && each !== key
        );
        assertEquals(redelivered, isRepeated);
        this.#seen.add(key);
      }
    }
  }

  /** Lets everything finish. */
  settle(): void {
    for (const worker of this.workers) worker.drain();
    while (this.workers.length > 0) this.lose(0);
    this.addWorker();
    for (const client of this.clients) {
      if (!this.#left.has(client)) client.leave();
    }
    while ((this.workers[0]?.told.length ?? 0) > 0) {
      this.check();
      this.acknowledge(0, 1);
    }
  }

  #isBehind({ client }: Told): boolean {
    return this.#deferred.some(({ told }) => told.client === client);
  }

  #finish(worker: TestWorker, told: Told): void {
    const { client, number, redelivered } = told;
    const last = this.done.get(client) ?? 0;
    if (redelivered) assert(number <= last + 1, "an event was lost");
    else assertEquals(number, last + 1, "an event was lost or came again");
    this.done.set(client, number);
    this.#finished.add(keyOf(worker, told));
  }
}

function keyOf({ link }: TestWorker, { client, number }: Told): string {
  return `${client}:${number}:${link.link.peer.instance}`;
}

const CASES = [
  { naming: "events", kind: "least" },
  { naming: "clients", kind: "least" },
  { naming: "clients", kind: "uid" },
] as const;

for (const { naming, kind } of CASES) {
  Deno.test(`Delivery loses, repeats and reorders nothing, whatever workers and clients do, where long ones are named as ${naming} and workers are chosen by ${kind}`, () => {
    const choice = fc.nat(11);
    const step = fc.oneof(
      { weight: 2, arbitrary: fc.constant((all: Chaos) => all.addClient()) },
      {
        weight: 8,
        arbitrary: fc.tuple(choice, fc.nat(40)).map(
          ([which, length]) => (all: Chaos) => all.say(which, length),
        ),
      },
      {
        weight: 1,
        arbitrary: choice.map((each) => (all: Chaos) => all.leave(each)),
      },
      { weight: 2, arbitrary: fc.constant((all: Chaos) => all.addWorker()) },
      {
        weight: kind === "uid" ? 3 : 0,
        arbitrary: fc.tuple(choice, fc.nat(20)).map(
          ([which, uid]) => (all: Chaos) => all.bind(which, `${uid}`),
        ),
      },
      {
        weight: 6,
        arbitrary: fc.tuple(choice, fc.nat(5)).map(
          ([which, count]) => (all: Chaos) => all.acknowledge(which, count),
        ),
      },
      {
        weight: 2,
        arbitrary: fc.tuple(choice, fc.nat(3)).map(
          ([which, index]) => (all: Chaos) => all.setAside(which, index),
        ),
      },
      {
        weight: 3,
        arbitrary: choice.map((each) => (all: Chaos) => all.release(each)),
      },
      {
        weight: 1,
        arbitrary: choice.map((each) => (all: Chaos) => all.drain(each)),
      },
      {
        weight: 1,
        arbitrary: choice.map((each) => (all: Chaos) => all.lose(each)),
      },
    );
    const steps = fc.array(step, { maxLength: 80, size: "max" });

    fc.assert(
      fc.property(steps, (acts) => {
        const all = new Chaos(naming, { kind });
        for (const act of acts) {
          act(all);
          all.check();
        }
        all.settle();
        const { accepted, acknowledged } = all.gateway.ledger;
        assertEquals(acknowledged, accepted);
        const { waiting, kept } = all.gateway.delivery.backlog;
        assertEquals(waiting + kept, 0);
        assertEquals(all.gateway.table.size + all.gateway.table.departed, 0);
        for (const { client } of all.clients) {
          assertEquals(
            all.done.get(client.connectionId),
            client.route.eventNumber,
          );
        }
      }),
      { numRuns: 200 },
    );
  });
}
