/**
 * What one sender has sent, and what each of its receivers should get next.
 *
 * Hot: `accept` runs for every message received.
 *
 * @module
 */
import type { Route } from "./routes.ts";

/** What went wrong with messages. */
export interface Faults {
  /** Never came. */
  lost: number;
  /** Came again. */
  repeated: number;
  /** Came after a later one. */
  disordered: number;
  /** Could not be read, or came to somebody it was not for. */
  corrupt: number;
  /** Connections that ended before their time. */
  disconnected: number;
}

/** Returns no faults. */
export function noFaults(): Faults {
  return { lost: 0, repeated: 0, disordered: 0, corrupt: 0, disconnected: 0 };
}

/** The messages of one sender. */
export class Lane {
  /** Who sends to whom. */
  readonly route: Route;
  /** Which of all senders this is, counted from 0. */
  readonly ordinal: number;
  /** Messages sent so far; the number of the next one. */
  sent = 0;
  /** When the latest messages were sent, by number modulo the length. */
  readonly #sentAt: Float64Array;
  /** Receivers that have not yet got one of the latest messages. */
  readonly #left: Int32Array;
  /** The number that each receiver should get next. */
  readonly #next: Int32Array;
  /** Numbers that a receiver was told past: `position * 2 ** 28 + number`. */
  readonly #skipped = new Set<number>();
  readonly #faults: Faults;

  constructor(route: Route, ordinal: number, faults: Faults) {
    const slots = 2 ** Math.ceil(Math.log2(route.depth));
    this.route = route;
    this.ordinal = ordinal;
    this.#sentAt = new Float64Array(slots);
    this.#left = new Int32Array(slots);
    this.#next = new Int32Array(route.receivers);
    this.#faults = faults;
  }

  /** Notes that a message is sent; returns its number. */
  take(now: number): number {
    const slot = this.sent & (this.#left.length - 1);
    this.#sentAt[slot] = now;
    this.#left[slot] = this.route.receivers;
    return this.sent++;
  }

  /** Returns when a message was sent. */
  sentAt(sequence: number): number {
    return this.#sentAt[sequence & (this.#sentAt.length - 1)] as number;
  }

  /**
   * Notes that a message came.
   *
   * @returns Whether it was awaited there.
   */
  accept(receiver: number, sequence: number): boolean {
    const { offset, stride } = this.route;
    const position = (receiver - offset) / stride;
    const expected = this.#next[position];
    if (expected === undefined || sequence < 0 || sequence >= this.sent) {
      this.#faults.corrupt++;
      return false;
    }
    if (sequence !== expected) {
      return this.#acceptOdd(position, expected, sequence);
    }
    this.#next[position] = sequence + 1;
    return true;
  }

  /** Notes that a receiver got a message; returns whether it was the last one. */
  complete(sequence: number): boolean {
    const slot = sequence & (this.#left.length - 1);
    const left = (this.#left[slot] as number) - 1;
    this.#left[slot] = left;
    return left === 0;
  }

  /** Counts what has not come as lost. */
  close(): void {
    this.#faults.lost += this.#skipped.size;
    for (const next of this.#next) this.#faults.lost += this.sent - next;
  }

  #acceptOdd(position: number, expected: number, sequence: number): boolean {
    const base = position * 2 ** 28;
    if (sequence < expected) {
      const late = this.#skipped.delete(base + sequence);
      if (late) this.#faults.disordered++;
      else this.#faults.repeated++;
      return late;
    }
    for (let i = expected; i < sequence; i++) this.#skipped.add(base + i);
    this.#next[position] = sequence + 1;
    return true;
  }
}
