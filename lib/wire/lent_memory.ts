import { giveBuffer, takeBuffer } from "../base/buffer_pool.ts";
import { lastText } from "./decoded_text.ts";

/**
 * Hot: memory that frames were read into, lent to whoever needs their bytes for longer
 * than a call. When all have given it back, it is read into again. Who does not know
 * when that will be keeps it: then it is collected like any other.
 */
export class LentMemory {
  /** The memory: all of its buffer. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Who reads into it, and those it is lent to. */
  #holders = 1;
  #isKept = false;

  /** @param length Bytes that it has at least. Whoever makes it holds it. */
  constructor(length: number) {
    this.bytes = takeBuffer(length);
  }

  /** Whether whoever made it is the only one who holds it. */
  get isFree(): boolean {
    return this.#holders === 1 && !this.#isKept;
  }

  /** Lends it to one more. */
  hold(): void {
    this.#holders++;
  }

  /** One of those who hold it needs it no longer. */
  release(): void {
    if (--this.#holders > 0) return;
    this.forget();
    if (!this.#isKept) giveBuffer(this.bytes);
  }

  /** Its bytes must never change from now on: somebody may look at them at any time. */
  keep(): void {
    this.#isKept = true;
  }

  /** Its bytes are about to change: they are no text any more. */
  forget(): void {
    lastText.forget(this.bytes);
  }
}
