import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Drain, type Leaver } from "../../../../lib/gateway/clients/drain.ts";
import { FakeConnection } from "../_fake_connection.ts";

/** Milliseconds between two ticks of a drain. */
const TICK = 50;

/** A client that connects anew when it is told to. */
class Mover extends FakeConnection {
  /** After how many milliseconds. */
  after: number | undefined;

  moveOn(after: number): void {
    this.after = after;
  }
}

/** One that hears, and does nothing. */
const STUCK = new Mover();

interface Client {
  connection: FakeConnection | undefined;
  isAway: boolean;
}

/** A drain, and when each client heard of it, in virtual time. */
class Scene implements Disposable {
  time = 1_000;
  readonly drain = new Drain(() => this.time);
  readonly #heard = new Map<Leaver, number>();
  readonly clients: Client[];

  constructor(count: number, make = () => new FakeConnection()) {
    this.clients = Array.from({ length: count }, () => ({
      connection: make(),
      isAway: false,
    }));
  }

  /** Milliseconds after which each was to go, in their order. */
  get moments(): (number | undefined)[] {
    return this.clients.map((client) => this.#heard.get(client));
  }

  look(start: number): void {
    for (const client of this.clients) {
      if (this.#heard.has(client)) continue;
      const { connection } = client;
      const after = connection instanceof Mover ? connection.after : undefined;
      if (after !== undefined) {
        this.#heard.set(client, this.time - start + after);
      }
      if (connection?.closed) this.#heard.set(client, this.time - start);
    }
  }

  /** Milliseconds that it takes whoever was told to be gone. */
  takes = Infinity;

  #leaveInTime(start: number): void {
    for (const [client, heard] of this.#heard) {
      if (this.time < start + heard + this.takes) continue;
      this.leave(client as Client);
    }
  }

  /** Lets time pass, and looks after each tick. */
  pass(milliseconds: number, start = 1_000): void {
    for (let passed = 0; passed < milliseconds; passed += TICK) {
      this.time += TICK;
      this.#leaveInTime(start);
      this.drain.tick();
      this.look(start);
    }
  }

  /** Whoever was told has gone. */
  leave(client: Client): void {
    client.connection = undefined;
  }

  [Symbol.dispose](): void {
    this.drain[Symbol.dispose]();
  }
}

Deno.test("Drain gives each client that can move its very moment", () => {
  using scene = new Scene(500, () => new Mover());
  scene.takes = 500;

  scene.drain.send(scene.clients, { rate: 100 });
  scene.look(1_000);
  scene.pass(5_000);

  for (const [index, moment = NaN] of scene.moments.entries()) {
    assertAlmostEquals(moment, index * 10, 0.001);
  }
  scene.pass(1_000);
  assertEquals(scene.drain.figures, { told: 500, waiting: 0, going: 0 });
});

Deno.test("Drain closes others with 1001 at the same pace", () => {
  using scene = new Scene(200);

  scene.drain.send(scene.clients, { rate: 50 });
  scene.look(1_000);
  for (let second = 1; second <= 4; second++) {
    scene.pass(1_000);
    const { told } = scene.drain.figures;
    assertAlmostEquals(told, second * 50, 3);
  }

  assertEquals(
    new Set(scene.clients.map(({ connection }) => connection?.closed?.code)),
    new Set([1001]),
  );
});

Deno.test("Drain is faster than its rate where that would take too long", () => {
  using scene = new Scene(1_000, () => new Mover());

  scene.drain.send(scene.clients, { rate: 10, within: 2_000 });
  scene.look(1_000);
  scene.pass(2_000);

  const moments = scene.moments.map((moment) => moment ?? NaN);
  assertEquals(scene.drain.figures.waiting, 0);
  assert(moments.every((moment) => moment <= 2_000));
  assertAlmostEquals(moments[500] ?? NaN, 1_000, 10);
});

Deno.test("Drain spends no turn on those who have left, or are away", () => {
  using scene = new Scene(100, () => new Mover());
  for (const client of scene.clients.slice(10, 50)) scene.leave(client);
  for (const client of scene.clients.slice(50, 90)) client.isAway = true;

  scene.drain.send(scene.clients, { rate: 10 });
  scene.pass(2_000);

  assertEquals(scene.drain.figures, { told: 20, waiting: 0, going: 20 });
});

Deno.test("Drain is done when those who were told to move have gone", () => {
  using scene = new Scene(3, () => new Mover());
  scene.drain.send(scene.clients, { rate: Infinity });
  assert(!scene.drain.isDone);

  for (const client of scene.clients.slice(1)) scene.leave(client);
  scene.pass(5_000);
  assert(!scene.drain.isDone, "one that moved shows that there is a place");

  scene.drain.onBack(scene.clients[0] as Client);
  assert(scene.drain.isDone);
});

Deno.test("Drain waits five seconds for the first to move, and no longer", () => {
  using scene = new Scene(3, () => new Mover());

  scene.drain.send(scene.clients, { rate: Infinity });
  scene.pass(4_900);
  assert(!scene.drain.isDone);
  scene.pass(200);

  assert(scene.drain.isDone);
});

Deno.test("Drain closes also those who could move, where there is no other gateway", () => {
  using scene = new Scene(3, () => new Mover());

  scene.drain.send(scene.clients, { rate: Infinity, hasElsewhere: false });

  assert(scene.drain.isDone);
  assert(scene.clients.every(({ connection }) => connection?.closed));
});

Deno.test("Drain takes another pace, and tells nobody twice", () => {
  using scene = new Scene(100, () => new Mover());
  scene.drain.send(scene.clients, { rate: 10 });
  scene.pass(1_000);
  const { told } = scene.drain.figures;

  scene.drain.send(scene.clients, { rate: Infinity });

  assertAlmostEquals(told, 10, 1);
  assertEquals(scene.drain.figures, { told: 100, waiting: 0, going: 100 });
});

Deno.test("Drain tells those again, and waits for them, whom nobody took for long", () => {
  using scene = new Scene(20, () => new Mover());
  scene.drain.send(scene.clients, { rate: Infinity });
  scene.pass(6_000);
  assert(scene.drain.isDone, "there is no other gateway");

  // There is one by now, or this one stops.
  for (const { connection } of scene.clients) {
    if (connection instanceof Mover) connection.after = undefined;
  }
  scene.drain.send(scene.clients, { rate: Infinity, within: 7_500 });

  assert(!scene.drain.isDone);
  assert(
    scene.clients.every(({ connection }) =>
      connection instanceof Mover && connection.after !== undefined
    ),
  );
  for (const client of scene.clients) scene.leave(client);
  scene.pass(1_000);
  assert(scene.drain.isDone);
  assertEquals(scene.drain.figures, { told: 40, waiting: 0, going: 0 });
});

Deno.test("Drain closes those whom nobody took, where there is no other gateway at the end", () => {
  using scene = new Scene(3, () => new Mover());
  scene.drain.send(scene.clients, { rate: Infinity });
  scene.pass(6_000);

  scene.drain.send(scene.clients, { rate: Infinity, hasElsewhere: false });

  assert(scene.clients.every(({ connection }) => connection?.closed));
});

Deno.test("Drain makes up for half a second at most after it could not look", () => {
  using scene = new Scene(1_000, () => new Mover());
  scene.drain.send(scene.clients, { rate: 100 });

  scene.time += 3_000;
  scene.drain.tick();

  assertAlmostEquals(scene.drain.figures.told, 5 + 50 + 5, 1);
});

Deno.test("Drain slows down while those who were told are not taken elsewhere in time, and hurries again", () => {
  using scene = new Scene(2_000, () => new Mover());
  const toldIn = (milliseconds: number) => {
    const { told } = scene.drain.figures;
    scene.pass(milliseconds);
    return scene.drain.figures.told - told;
  };

  scene.takes = 3_000;
  scene.drain.send(scene.clients, { rate: 100 });
  scene.look(1_000);
  assertAlmostEquals(toldIn(2_000), 200, 5);
  scene.pass(4_000);
  const slow = toldIn(2_000);
  assert(slow < 60, `${slow} in two seconds`);

  scene.takes = 200;
  scene.pass(8_000);
  assertAlmostEquals(toldIn(2_000), 200, 5);
});

Deno.test("Drain keeps its deadline though nobody is taken elsewhere in time", () => {
  using scene = new Scene(1_000, () => new Mover());

  scene.drain.send(scene.clients, { rate: 100, within: 7_500 });
  scene.pass(7_500);

  assertEquals(scene.drain.figures.waiting, 0);
});

Deno.test("Drain hurries on where a part of the clients does not read", () => {
  using scene = new Scene(1_000, () => new Mover());
  scene.takes = 200;
  // One of five stays, whatever it is told.
  for (const client of scene.clients.filter((_, index) => index % 5 === 0)) {
    Object.defineProperty(client, "connection", {
      set: () => {},
      get: () => STUCK,
    });
  }

  scene.drain.send(scene.clients, { rate: 100 });
  scene.pass(9_000);

  assertAlmostEquals(scene.drain.figures.told, 905, 10);
});

Deno.test("Drain.cancel() leaves those alone whose turn has not come", () => {
  using scene = new Scene(100, () => new Mover());
  scene.drain.send(scene.clients, { rate: 10 });
  scene.pass(1_000);

  scene.drain.cancel();
  scene.pass(5_000);

  assertEquals(
    scene.moments.filter((moment) => moment !== undefined).length,
    11,
  );
  assertEquals(scene.drain.figures, { told: 11, waiting: 0, going: 0 });
  assert(scene.drain.isDone);
});
