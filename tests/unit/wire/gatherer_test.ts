import { assert, assertEquals, assertLess } from "@std/assert";
import { Gatherer } from "../../../lib/wire/gatherer.ts";

/** What came of a time in which frames were sent on a link. */
interface Course {
  /** Writes of a millisecond. */
  readonly writes: number;
  /** Frames of a millisecond. */
  readonly frames: number;
  /** The longest that a frame waited, in milliseconds. */
  readonly longest: number;
}

/** A link whose clock stands still until it is told to go on. */
class TestLink {
  readonly #gatherer: Gatherer;
  #now = 1_000;
  #frames = 0;
  #waiting: number[] = [];
  #longest = 0;
  #writes = 0;

  constructor(bound: number) {
    this.#gatherer = new Gatherer(bound);
  }

  /** Sends frames at even distances, whatever becomes of them. */
  pour(seconds: number, perMillisecond: number): Course {
    return this.#watch(seconds, () => this.#pass(1 / perMillisecond));
  }

  /** Sends one frame, then the next when it was written and answered, as clients do who wait. */
  converse(seconds: number, answerTime: number): Course {
    return this.#watch(seconds, () => {
      this.#send();
      while (this.#waiting.length > 0) {
        this.#now += 0.1;
        this.#look();
      }
      this.#now += answerTime;
    });
  }

  /** Lets time pass without a frame; what waits is looked after by a timer. */
  rest(milliseconds: number): void {
    this.#now += 1;
    if (this.#waiting.length > 0) this.#look();
    this.#now += milliseconds;
  }

  #pass(distance: number): void {
    this.#send();
    this.#now += distance;
  }

  #watch(seconds: number, act: () => void): Course {
    const [start, frames, writes] = [this.#now, this.#frames, this.#writes];
    this.#longest = 0;
    while (this.#now < start + seconds * 1_000) act();
    const span = this.#now - start;
    return {
      frames: (this.#frames - frames) / span,
      writes: (this.#writes - writes) / span,
      longest: this.#longest,
    };
  }

  #send(): void {
    this.#frames++;
    this.#waiting.push(this.#now);
    this.#look();
  }

  #look(): void {
    if (this.#gatherer.shouldWait(this.#now, this.#frames)) return;
    const [oldest = this.#now] = this.#waiting;
    this.#longest = Math.max(this.#longest, this.#now - oldest);
    this.#waiting = [];
    this.#writes++;
  }
}

Deno.test("Gatherer lets a link that sends ten times a millisecond write some two times", () => {
  const link = new TestLink(0.5);

  link.pour(0.2, 10);
  const { writes, longest } = link.pour(2, 10);

  assertLess(writes, 2.5);
  assert(longest <= 0.6, `a frame waited ${longest} ms`);
});

Deno.test("Gatherer never waits with a bound of 0", () => {
  const { writes, longest } = new TestLink(0).pour(2, 10);

  assertEquals([Math.round(writes), longest], [10, 0]);
});

Deno.test("Gatherer leaves a link alone that sends three thousand times a second", () => {
  const { writes, longest } = new TestLink(0.5).pour(2, 3);

  assertEquals([Math.round(writes), longest], [3, 0]);
});

Deno.test("Gatherer lets the first frame after a pause go at once", () => {
  const link = new TestLink(0.5);
  link.pour(1, 10);

  link.rest(6);
  const { writes, longest } = link.pour(0.000_1, 10);

  assert(writes > 0);
  assertEquals(longest, 0);
});

Deno.test("Gatherer stops when a rate has fallen", () => {
  const link = new TestLink(0.5);
  link.pour(1, 10);

  link.pour(0.2, 1);
  const { longest } = link.pour(1, 1);

  assertEquals(longest, 0);
});

Deno.test("Gatherer stops where frames come in answer to frames, and tries less and less often", () => {
  const link = new TestLink(0.5);
  const undisturbed = new TestLink(0).converse(1, 0.1);

  const first = link.converse(4, 0.1);
  link.converse(60, 0.1);
  const later = link.converse(30, 0.1);

  assertLess(first.frames, undisturbed.frames);
  assert(
    later.frames > undisturbed.frames * 0.99,
    `${later.frames} in place of ${undisturbed.frames}`,
  );
});
