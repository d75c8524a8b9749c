import { Command } from "../../wire/command.ts";
import { FrameCopies } from "../../wire/frame_copies.ts";
import type { FrameMemory } from "../../wire/logged_event.ts";
import type { Route } from "./route.ts";

/**
 * A client whose worker takes long over its events, from one on up to another; the
 * gateway sends it no further ones. What was acknowledged without being done is kept
 * here, for another worker if this one is lost: no more than was in flight.
 */
export class DeferredClient {
  /** Whose events they are. */
  readonly route: Route;
  /** Those that are acknowledged and not done. */
  readonly events: FrameCopies = new FrameCopies();
  /** Number of the last event that takes long. */
  #last: number;
  /** Number of the event up to which all are done. */
  #done = 0;
  /** Whether its close event is, or was, among those kept. */
  hasClose = false;

  constructor(route: Route, last: number) {
    this.route = route;
    this.#last = last;
  }

  /** Whether nothing of it is waited for any more. */
  get isDone(): boolean {
    return this.#done >= this.#last;
  }

  /** Whether an event takes long, and is not done. */
  has(number: number): boolean {
    return number > this.#done && number <= this.#last;
  }

  /** More events take long. */
  extend(last: number): void {
    if (last > this.#last) this.#last = last;
  }

  /** Keeps an event that is acknowledged: its frame begins at a place. */
  keep(memory: FrameMemory, at: number, command: number): void {
    this.events.push(memory, at);
    if (command === Command.Close) this.hasClose = true;
  }

  /** Events are done, up to that number; returns how many of those kept. */
  release(number: number): number {
    if (number > this.#done) this.#done = number;
    return this.events.dropUpTo(number);
  }
}
