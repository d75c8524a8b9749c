import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Acknowledger } from "../../../lib/link/acknowledger.ts";

function received(count: number): Acknowledger {
  const acknowledger = new Acknowledger();
  for (let each = 0; each < count; each++) acknowledger.receive();
  return acknowledger;
}

Deno.test("Acknowledger.receive() numbers events from 1 on", () => {
  const acknowledger = new Acknowledger();

  assertEquals([acknowledger.receive(), acknowledger.receive()], [1, 2]);
  assertEquals(acknowledger.received, 2);
});

Deno.test("Acknowledger.done stands still at the first event that is not done", () => {
  const acknowledger = received(4);

  acknowledger.complete(1);
  acknowledger.complete(3);
  acknowledger.complete(4);
  assertEquals(acknowledger.done, 1);

  acknowledger.complete(2);
  assertEquals(acknowledger.done, 4);
});

Deno.test("Acknowledger.defer() lets the acknowledgement go on without what still runs", () => {
  const acknowledger = received(5);
  acknowledger.complete(2);

  assertEquals(acknowledger.defer(3), [1, 3]);

  assertEquals(acknowledger.done, 3);
  assertEquals(acknowledger.unfinished, 4);
});

Deno.test("Acknowledger.complete() asks for the release of a deferred event, once", () => {
  const acknowledger = received(2);
  acknowledger.defer(1);

  assertEquals(acknowledger.complete(2), "counted");
  assertEquals(acknowledger.complete(1), "release");

  assertEquals(acknowledger.done, 2);
  assertEquals(acknowledger.unfinished, 0);
});

Deno.test("Acknowledger.defer() sets nothing aside twice", () => {
  const acknowledger = received(2);

  assertEquals(acknowledger.defer(2), [1, 2]);
  assertEquals(acknowledger.defer(2), []);
});

/** The plainest thing that does the same. */
class Model {
  readonly acknowledger = new Acknowledger();
  readonly running = new Set<number>();
  readonly deferred = new Set<number>();
  #received = 0;

  receive(): void {
    this.running.add(++this.#received);
    assertEquals(this.acknowledger.receive(), this.#received);
  }

  complete(choice: number): void {
    const open = [...this.running, ...this.deferred];
    const sequence = open[choice % open.length];
    if (sequence === undefined) return;
    const wasDeferred = this.deferred.delete(sequence);
    this.running.delete(sequence);
    assertEquals(
      this.acknowledger.complete(sequence),
      wasDeferred ? "release" : "counted",
    );
  }

  defer(choice: number): void {
    const limit = choice % (this.#received + 1);
    const old = [...this.running].filter((each) => each <= limit);
    for (const each of old) {
      this.running.delete(each);
      this.deferred.add(each);
    }
    assertEquals(this.acknowledger.defer(limit), old);
  }

  check(): void {
    const [first = this.#received + 1] = this.running;
    assertEquals(this.acknowledger.done, first - 1);
    assertEquals(
      this.acknowledger.unfinished,
      this.running.size + this.deferred.size,
    );
  }
}

Deno.test("Acknowledger counts as a plain list does, whatever finishes or is deferred in whatever order", () => {
  const step = fc.oneof(
    fc.constant((model: Model) => model.receive()),
    fc.nat().map((choice) => (model: Model) => model.complete(choice)),
    fc.nat(50).map((choice) => (model: Model) => model.defer(choice)),
  );

  fc.assert(fc.property(fc.array(step, { size: "large" }), (steps) => {
    const model = new Model();
    for (const act of steps) {
      act(model);
      model.check();
    }
  }));
});
