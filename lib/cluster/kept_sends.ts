import { NO_BYTES } from "../base/no_bytes.ts";
import { Deque } from "../base/deque.ts";
import { after, isAfter } from "../wire/bodies/origin.ts";

/** Most bytes that are kept; of more, the oldest are left to the bridge that has them. */
export const MAX_KEPT = 8 * 1024 * 1024;

/** Milliseconds after which what no active bridge has taken is lost. */
export const PATIENCE = 10_000;

/** What a send counts beside its bytes: memory has its price. */
const SEND_COST = 64;

/** Bytes of memory that many frames share. */
const SEGMENT_LENGTH = 65_536;

/** Memory of frames: one array for each would cost more than all else. */
interface Segment {
  readonly bytes: Uint8Array;
  used: number;
  /** How many frames in it are kept. */
  kept: number;
}

/** A send that is kept: a whole frame, `bytes[start, end)`, and its number. */
export interface KeptSend {
  readonly number: number;
  readonly segment: Segment;
  readonly start: number;
  readonly end: number;
  readonly since: number;
}

/**
 * What was sent to other cells for one shard, wants no answer, and is not known to have
 * come: if its bridge is lost, the next one gets it again. Pure: time is given.
 */
export class KeptSends {
  readonly #most: number;
  readonly #sends = new Deque<KeptSend>();
  #segment: Segment = { bytes: NO_BYTES, used: 0, kept: 0 };
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

  /** The last number. */
  get newest(): number {
    return this.#newest;
  }

  /** All up to this number have come, or are counted as lost. */
  get settled(): number {
    return this.#confirmed;
  }

  /** Numbers one more, `frame[0, length)`, and keeps a copy of it. */
  add(frame: Uint8Array, length: number, time: number): KeptSend {
    const number = this.#newest = after(this.#newest);
    const segment = this.#segmentFor(length);
    const start = segment.used;
    const end = segment.used = start + length;
    segment.bytes.set(frame.subarray(0, length), start);
    segment.kept++;
    const send = { number, segment, start, end, since: time };
    this.#sends.push(send);
    this.#bytes += length + SEND_COST;
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
    while (this.#sends.length > 0) this.#shift();
    this.#confirmed = this.#newest;
  }

  /**
   * No bridge has them, or another one will; returns how many of them are not kept, so
   * that nobody will bring them.
   */
  lose(): number {
    const first = this.#sends.first?.number ?? after(this.#newest);
    const lost = first - after(this.#confirmed) >>> 0;
    this.#confirmed = first - 1;
    return lost;
  }

  /** Gives up what is too old, and what is not kept before that; returns how many. */
  expire(time: number): number {
    let lost = 0;
    for (
      let { first } = this.#sends;
      first !== undefined && time - first.since > PATIENCE;
      first = this.#sends.first
    ) {
      lost += this.lose() + 1;
      this.#shift();
      this.#confirmed = first.number;
    }
    return lost;
  }

  #segmentFor(length: number): Segment {
    const { bytes, used } = this.#segment;
    if (used + length > bytes.length) this.#segment = newSegment(length);
    return this.#segment;
  }

  #shift(): void {
    const send = this.#sends.shift();
    if (send === undefined) return;
    const { segment, start, end } = send;
    this.#bytes -= end - start + SEND_COST;
    // With nothing in it, its memory is used again.
    if (--segment.kept === 0 && segment === this.#segment) segment.used = 0;
  }
}

function newSegment(length: number): Segment {
  const bytes = new Uint8Array(Math.max(length, SEGMENT_LENGTH));
  return { bytes, used: 0, kept: 0 };
}
