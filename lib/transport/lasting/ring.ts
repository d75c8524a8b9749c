/**
 * Hot: every counted frame to a client whose session may outlive its socket.
 *
 * @module
 */
import { Deque } from "../../base/deque.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";

/** What a frame counts for beside its bytes: the objects around it. */
export const FRAME_COST = 128;

/** Most that the rings of a gateway hold. */
export interface RingLimits {
  /** Bytes of one ring. */
  readonly bytes: number;
  /** Bytes of all together. */
  readonly total: number;
}

/** What the rings of one gateway share. */
export class RingPool {
  readonly #limits: RingLimits;
  /** What all rings count for. */
  bytes = 0;
  /** How many rings there are. */
  rings = 0;

  /** @param limits Most that they hold. */
  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** Whether they hold more than half of what they may. */
  get isTight(): boolean {
    return this.bytes > this.#limits.total / 2;
  }

  /**
   * Whether a ring of so many bytes has to shrink. Once all hold half of the total,
   * each has its share of that much: so whoever fills rings takes from nobody what is
   * his. Shares shrink as rings come, and who got more in time has it until it is
   * looked at; but all together never hold more than the total.
   */
  hasTooMuch(bytes: number): boolean {
    if (bytes > this.#limits.bytes) return true;
    if (!this.isTight) return false;
    const { total } = this.#limits;
    return bytes > total / 2 / this.rings || this.bytes > total;
  }
}

/**
 * The newest frames to one client, by their numbers: what it may not have received.
 * It holds references to frames that are encoded, so a message to many is in memory
 * once. A frame without bytes stands for one that was dropped. Pure: no I/O.
 */
export class Ring {
  readonly #pool: RingPool;
  #frames: Deque<Uint8Array> | undefined;
  /** What its frames count for. */
  bytes = 0;
  /** Number of the newest frame. */
  sent = 0;

  /** @param pool What it shares with others. */
  constructor(pool: RingPool) {
    this.#pool = pool;
    pool.rings++;
  }

  /** Number of the newest frame that is not here any more. */
  get gone(): number {
    return this.sent - (this.#frames?.length ?? 0);
  }

  /** Counts a frame, and keeps it if it can; older ones go to make room. */
  push(frame: Uint8Array): void {
    this.sent++;
    const frames = this.#frames ??= new Deque();
    frames.push(frame);
    this.#count(frame, 1);
    if (this.#pool.hasTooMuch(this.bytes)) this.shrink();
  }

  /** Forgets the oldest frames, until it has no more than it may. */
  shrink(): void {
    const frames = this.#frames;
    if (frames === undefined) return;
    while (frames.length > 0 && this.#pool.hasTooMuch(this.bytes)) {
      this.#shift(frames);
    }
  }

  /** Forgets frames up to a number, which the client has. */
  trim(number: number): void {
    const frames = this.#frames;
    if (frames === undefined) return;
    for (let left = number - this.gone; left > 0; left--) this.#shift(frames);
  }

  /** Gives back the memory that it has for frames, if there are none. */
  relax(): void {
    if (this.#frames?.length === 0) this.#frames = undefined;
  }

  /** The newest frame was dropped, since it stands where an older one stood. */
  replace(older: Uint8Array, newest: Uint8Array): void {
    const frames = this.#frames;
    if (frames === undefined || frames.last !== newest) return;
    for (let index = frames.length - 2; index >= 0; index--) {
      if (frames.at(index) !== older) continue;
      frames.set(index, newest);
      this.#count(older, -1);
      this.#count(NO_BYTES, 1);
      return frames.set(frames.length - 1, NO_BYTES);
    }
  }

  /** Yields the frames behind a number, oldest first. */
  *after(number: number): Generator<Uint8Array> {
    const frames = this.#frames;
    if (frames === undefined) return;
    const first = Math.max(0, number - this.gone);
    for (let index = first; index < frames.length; index++) {
      yield frames.at(index) as Uint8Array;
    }
  }

  /** Encodes its frames for a client that speaks otherwise from now on. */
  recode(encode: (frame: Uint8Array) => Uint8Array): void {
    const frames = this.#frames;
    for (let index = 0; index < (frames?.length ?? 0); index++) {
      const frame = frames?.at(index) as Uint8Array;
      if (frame.length === 0) continue;
      const other = encode(frame);
      this.#count(frame, -1);
      this.#count(other, 1);
      frames?.set(index, other);
    }
  }

  /** Forgets everything, for good. */
  close(): void {
    this.#pool.bytes -= this.bytes;
    this.#pool.rings--;
    this.bytes = 0;
    this.#frames = undefined;
  }

  #shift(frames: Deque<Uint8Array>): void {
    const frame = frames.shift();
    if (frame !== undefined) this.#count(frame, -1);
  }

  #count({ length }: Uint8Array, sign: 1 | -1): void {
    const cost = sign * (length + FRAME_COST);
    this.bytes += cost;
    this.#pool.bytes += cost;
  }
}
