import { Deque } from "../base/deque.ts";
import { after, isAfter } from "../wire/bodies/origin.ts";

/** Most bytes that are kept; of more, the oldest are left to the bridge that has them. */
export const MAX_KEPT = 8 * 1024 * 1024;

/** Milliseconds after which what no active bridge has taken is lost. */
export const PATIENCE = 10_000;

/** What a send counts beside its bytes: memory has its price. */
const SEND_COST = 64;

/** A send that is kept: a whole frame, and its number. */
export interface KeptSend {
  readonly number: number;
  readonly frame: Uint8Array;
  readonly since: number;
}

/**
 * What was sent to other cells for one shard, wants no answer, and is not known to have
 * come: if its bridge is lost, the next one gets it again. Pure: time is given.
 */
export class KeptSends {
  readonly #most: number;
  readonly #sends = new Deque<KeptSend>();
  #bytes = 0;
  #newest = 0;
  /** All up to this number have come, or are counted as lost. */
  #confirmed = 0;

  /** @param most Bytes that are kept at most. */
  constructor(most: number = MAX_KEPT) {
    this.#most = most;
  }

  /** Whether nothing is kept. */
  get isEmpty(): boolean {
    return this.#sends.length === 0;
  }

  /** Numbers one more, and keeps it. */
  add(frame: Uint8Array, time: number): KeptSend {
    const number = this.#newest = after(this.#newest);
    const send = { number, frame, since: time };
    this.#sends.push(send);
    this.#bytes += frame.length + SEND_COST;
    while (this.#bytes > this.#most && this.#sends.length > 1) this.#shift();
    return send;
  }

  /** A bridge says that all up to a number have come, or were counted as lost there. */
  confirm(number: number): void {
    if (!isAfter(number, this.#confirmed)) return;
    if (isAfter(number, this.#newest)) return;
    this.#confirmed = number;
    for (
      let { first } = this.#sends;
      first !== undefined && !isAfter(first.number, number);
      first = this.#sends.first
    ) this.#shift();
  }

  /** All that is kept, in order: for another bridge. */
  *all(): Generator<KeptSend> {
    for (let i = 0; i < this.#sends.length; i++) {
      const send = this.#sends.at(i);
      if (send !== undefined) yield send;
    }
  }

  /** Keeps nothing more of what was sent up to now. */
  clear(): void {
    this.#sends.clear();
    this.#bytes = 0;
    this.#confirmed = this.#newest;
  }

  /**
   * The bridge that had them is gone; returns how many of them are not kept, so that
   * nobody will bring them.
   */
  lose(): number {
    const first = this.#sends.first?.number ?? after(this.#newest);
    const lost = first - after(this.#confirmed) >>> 0;
    this.#confirmed = first - 1;
    return lost;
  }

  /** Gives up what is too old; returns how many. */
  expire(time: number): number {
    let lost = 0;
    for (
      let { first } = this.#sends;
      first !== undefined && time - first.since > PATIENCE;
      first = this.#sends.first
    ) {
      this.#shift();
      this.#confirmed = first.number;
      lost++;
    }
    return lost;
  }

  #shift(): void {
    const send = this.#sends.shift();
    if (send !== undefined) this.#bytes -= send.frame.length + SEND_COST;
  }
}
