import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Acknowledger } from "../../../lib/wire/acknowledger.ts";

/** Events that are called by their numbers. */
function received(count: number): Acknowledger<string> {
  const acknowledger = new Acknowledger<string>();
  for (let each = 1; each <= count; each++) acknowledger.receive(`${each}`);
  return acknowledger;
}

Deno.test("Acknowledger.receive() numbers events from 1 on", () => {
  const acknowledger = new Acknowledger<string>();

  assertEquals([acknowledger.receive("a"), acknowledger.receive("b")], [1, 2]);
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

Deno.test("Acknowledger.setAside() lets the acknowledgement go on without what still runs", () => {
  const acknowledger = received(5);
  acknowledger.complete(2);

  assertEquals(acknowledger.setAside(3), [
    { event: "1", sequence: 1 },
    { event: "3", sequence: 3 },
  ]);

  assertEquals(acknowledger.done, 3);
  assertEquals(acknowledger.unfinished, 4);
});

Deno.test("Acknowledger.setAside() goes on over what was done early", () => {
  const acknowledger = received(4);
  acknowledger.complete(3);
  acknowledger.complete(4);

  acknowledger.setAside(2);

  assertEquals(acknowledger.done, 4);
});

Deno.test("Acknowledger counts an event as done that was set aside", () => {
  const acknowledger = received(2);
  acknowledger.setAside(1);

  acknowledger.complete(2);
  acknowledger.complete(1);

  assertEquals(acknowledger.done, 2);
  assertEquals(acknowledger.unfinished, 0);
});

Deno.test("Acknowledger.setAside() sets nothing aside twice", () => {
  const acknowledger = received(2);

  assertEquals(acknowledger.setAside(2).length, 2);
  assertEquals(acknowledger.setAside(2), []);
});

/** The plainest thing that does the same. */
class Model {
  readonly acknowledger = new Acknowledger<number>();
  readonly running = new Set<number>();
  readonly aside = new Set<number>();
  #received = 0;

  receive(): void {
    this.running.add(++this.#received);
    const sequence = this.acknowledger.receive(-this.#received);
    assertEquals(sequence, this.#received);
  }

  complete(choice: number): void {
    const open = [...this.running, ...this.aside];
    const sequence = open[choice % open.length];
    if (sequence === undefined) return;
    this.aside.delete(sequence);
    this.running.delete(sequence);
    this.acknowledger.complete(sequence);
  }

  setAside(choice: number): void {
    const limit = choice % (this.#received + 1);
    const old = [...this.running].filter((each) => each <= limit);
    for (const each of old) {
      this.running.delete(each);
      this.aside.add(each);
    }
    assertEquals(
      this.acknowledger.setAside(limit),
      old.map((sequence) => ({ event: -sequence, sequence })),
    );
  }

  check(): void {
    const [first = this.#received + 1] = this.running;
    assertEquals(this.acknowledger.done, first - 1);
    assertEquals(
      this.acknowledger.unfinished,
      this.running.size + this.aside.size,
    );
  }
}

Deno.test("Acknowledger counts as a plain list does, whatever finishes or is set aside in whatever order", () => {
  const step = fc.oneof(
    fc.constant((model: Model) => model.receive()),
    fc.nat(100).map((count) => (model: Model) => {
      for (let each = 0; each < count; each++) model.receive();
    }),
    fc.nat().map((choice) => (model: Model) => model.complete(choice)),
    fc.nat(400).map((choice) => (model: Model) => model.setAside(choice)),
  );

  fc.assert(fc.property(fc.array(step, { size: "large" }), (steps) => {
    const model = new Model();
    for (const act of steps) {
      act(model);
      model.check();
    }
  }));
});

Deno.test("Acknowledger.skip() counts an event that is done at once, wherever it stands", () => {
  const tracker = new Acknowledger<string>();
  tracker.skip();
  assertEquals([tracker.done, tracker.unfinished], [1, 0]);

  const first = tracker.receive("first");
  for (let each = 0; each < 1_000; each++) tracker.skip();
  const last = tracker.receive("last");
  assertEquals([tracker.done, tracker.unfinished], [1, 2]);
  tracker.complete(first);
  assertEquals([tracker.done, tracker.unfinished], [last - 1, 1]);
  tracker.complete(last);

  assertEquals([tracker.done, tracker.unfinished], [last, 0]);
});
