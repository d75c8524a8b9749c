/**
 * Hot: what comes of a shard of another cell: each frame once, in order. Pure.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import { readLength } from "../../wire/frame.ts";

/** What became of a message. */
export type Arrival = "taken" | "gap";

/** Takes a frame: its number, and where it begins and ends. */
export type TakeFrame = (number: number, start: number, end: number) => void;

/** How far the frames of one sender have come. */
export class Incoming {
  #next = 0;
  /** Epoch of who numbers them; 0 if nothing came yet. */
  epoch = 0;
  /** Frames that were given up before they came, of this sender. */
  passed = 0;
  /** How far those had come that the bridge before numbered. */
  before: { epoch: number; last: number; passed: number } = {
    epoch: 0,
    last: 0,
    passed: 0,
  };
  /** Frames that came, since the start. */
  received = 0;
  /** Frames that came again, since the start. */
  duplicates = 0;

  /** How far those have come that the bridge of an epoch numbered; `undefined` if that is not known. */
  progressOf(epoch: number): { last: number; passed: number } | undefined {
    if (epoch === this.epoch) return this;
    return epoch === this.before.epoch ? this.before : undefined;
  }

  /** The last number in order. */
  get last(): number {
    return this.#next - 1;
  }

  /** Another bridge numbers from now on. */
  begin(epoch: number): void {
    this.before = { epoch: this.epoch, last: this.last, passed: this.passed };
    this.epoch = epoch;
    this.#next = 0;
    this.passed = 0;
  }

  /**
   * Takes a message.
   *
   * @param first Number of its first frame.
   * @param floor The lowest number that may still come: earlier ones were given up.
   * @param base The lowest that could come when these two began to speak.
   * @param frames The frames.
   * @param take Is told of each that is new.
   * @throws {ProtocolError} If they are no frames.
   */
  take(
    first: number,
    floor: number,
    base: number,
    frames: Uint8Array,
    take: TakeFrame,
  ): Arrival {
    if (this.#next === 0) this.#next = base;
    if (floor > this.#next) {
      this.passed += floor - this.#next;
      this.#next = floor;
    }
    if (first > this.#next) return "gap";
    const { buffer, byteOffset, byteLength } = frames;
    const view = new DataView(buffer, byteOffset, byteLength);
    let number = first;
    for (let at = 0; at < byteLength; number++) {
      const end = byteLength - at < 4 ? Infinity : at + readLength(view, at);
      if (end > byteLength) {
        throw new ProtocolError("Cannot read frames of a cell: one is cut off");
      }
      if (number < this.#next) this.duplicates++;
      else {
        this.#next = number + 1;
        this.received++;
        take(number, at, end);
      }
      at = end;
    }
    return "taken";
  }
}
