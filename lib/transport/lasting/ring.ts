/**
 * Hot: every counted frame to a client whose session may outlive its socket.
 *
 * @module
 */
import { Deque } from "../../base/deque.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import { FrameBytes } from "./frame_bytes.ts";

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
 * once, and the bytes of short ones that are for this client alone. A frame without
 * bytes stands for one that was dropped. Pure: no I/O.
 */
export class Ring {
  readonly #pool: RingPool;
  /** Frames; of one whose bytes are in `short`, its length. */
  #frames: Deque<Uint8Array | number> | undefined;
  /** Bytes of short frames to this client alone. */
  readonly short = new FrameBytes();
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
    this.#add(frame);
    this.shrink();
  }

  /**
   * Counts a short frame, whose bytes the caller writes into `short.memory`. Then he
   * calls `shrink`, which may forget it at once.
   *
   * @returns Where in `short.memory` it begins.
   */
  reserve(size: number): number {
    this.#add(size);
    return this.short.reserve(size);
  }

  /** Forgets the oldest frames, until it has no more than it may. */
  shrink(): void {
    if (!this.#pool.hasTooMuch(this.bytes)) return;
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
    let at = this.short.start;
    for (let index = 0; index < frames.length; index++) {
      const frame = frames.at(index) as Uint8Array | number;
      const end = typeof frame === "number" ? at + frame : at;
      if (index >= first) {
        yield typeof frame === "number"
          ? this.short.memory.subarray(at, end)
          : frame;
      }
      at = end;
    }
  }

  /** Encodes its frames for a client that speaks otherwise from now on. */
  recode(encode: (frame: Uint8Array) => Uint8Array): void {
    let index = 0;
    for (const frame of this.after(0)) {
      const other = frame.length === 0 ? frame : encode(frame);
      this.#count(frame, -1);
      this.#count(other, 1);
      this.#frames?.set(index++, other);
    }
    this.short.clear();
  }

  /** Forgets everything, for good. */
  close(): void {
    this.#pool.bytes -= this.bytes;
    this.#pool.rings--;
    this.bytes = 0;
    this.#frames = undefined;
    this.short.clear();
  }

  #add(frame: Uint8Array | number): void {
    this.sent++;
    const frames = this.#frames ??= new Deque();
    frames.push(frame);
    this.#count(frame, 1);
  }

  #shift(frames: Deque<Uint8Array | number>): void {
    const frame = frames.shift();
    if (frame === undefined) return;
    this.#count(frame, -1);
    if (typeof frame === "number") this.short.drop(frame);
  }

  #count(frame: Uint8Array | number, sign: 1 | -1): void {
    const length = typeof frame === "number" ? frame : frame.length;
    const cost = sign * (length + FRAME_COST);
    this.bytes += cost;
    this.#pool.bytes += cost;
  }
}
