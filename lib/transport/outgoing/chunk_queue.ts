/**
 * Hot: every byte to a client waits here until it is written.
 *
 * Bytes wait in one of three places, in this order: `sealed` chunks, then either a
 * growing `tail` that small messages are copied into, or one `lone` shared frame that
 * is written as it is unless something joins it. A chunk holds whole messages only, so
 * what waits can be thrown away without tearing one.
 *
 * @module
 */
import {
  giveBuffer,
  LARGE_BUFFER,
  takeBuffer,
} from "../../base/buffer_pool.ts";
import { Deque } from "../../base/deque.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";

/** Shared frames above this many bytes are never copied into the tail. */
export const MAX_COPIED = 16_384;

/** Short copies are quicker byte by byte than through a view. */
const MAX_BYTEWISE = 32;

/** Whole messages on their way to a client, put together for few large writes. */
export class ChunkQueue {
  #sealed: Deque<Uint8Array> | undefined;
  #lone: Uint8Array | undefined;
  #tailLength = 0;
  /** The buffer of the chunk that was taken, if it was the tail. */
  #taken: Uint8Array<ArrayBuffer> | undefined;

  /** Where `room` was made: valid until the next call of any method. */
  tail: Uint8Array<ArrayBuffer> = NO_BYTES;

  /** Returns where in the tail `size` bytes may go, after what is already there. */
  room(size: number): number {
    const lone = this.#lone;
    if (lone !== undefined) {
      this.#lone = undefined;
      this.#growTail(lone.length + size);
      this.tail.set(lone, 0);
      this.#tailLength = lone.length;
    } else if (this.#tailLength + size > this.tail.length) {
      this.#growTail(this.#tailLength + size);
    }
    const at = this.#tailLength;
    this.#tailLength = at + size;
    return at;
  }

  /** Adds a frame, which is kept, without copying it if that can be avoided. */
  add(frame: Uint8Array): void {
    const size = frame.length;
    if (size > MAX_COPIED) {
      this.#seal();
      this.#push(frame);
    } else if (this.#tailLength === 0 && this.#lone === undefined) {
      this.#lone = frame;
    } else {
      const at = this.room(size);
      copyBytes(this.tail, at, frame, 0, size);
    }
  }

  /** Takes out the oldest bytes that can go in one write. */
  take(): Uint8Array {
    const sealed = this.#sealed;
    if (sealed !== undefined) {
      const chunk = sealed.shift() ?? NO_BYTES;
      if (sealed.length === 0) this.#sealed = undefined;
      return chunk;
    }
    const lone = this.#lone;
    if (lone !== undefined) {
      this.#lone = undefined;
      return lone;
    }
    const { tail } = this;
    const chunk = tail.subarray(0, this.#tailLength);
    this.#taken = tail;
    this.tail = NO_BYTES;
    this.#tailLength = 0;
    return chunk;
  }

  /** The chunk that was taken has been written: its buffer is free. */
  release(): void {
    if (this.#taken !== undefined) giveBuffer(this.#taken);
    this.#taken = undefined;
  }

  /** Forgets everything but the chunk that was taken. */
  clear(): void {
    if (this.tail !== NO_BYTES) giveBuffer(this.tail);
    this.tail = NO_BYTES;
    this.#tailLength = 0;
    this.#sealed = undefined;
    this.#lone = undefined;
  }

  /** Gives the tail room for `size` bytes in all, or seals it and starts another. */
  #growTail(size: number): void {
    const old = this.tail;
    if (size > LARGE_BUFFER && this.#tailLength > 0) {
      const rest = size - this.#tailLength;
      this.#seal();
      this.tail = takeBuffer(rest);
      return;
    }
    this.tail = takeBuffer(size);
    if (this.#tailLength > 0) this.tail.set(old.subarray(0, this.#tailLength));
    if (old !== NO_BYTES) giveBuffer(old);
  }

  /** Moves what waits in the tail, or alone, to the sealed chunks. */
  #seal(): void {
    if (this.#lone !== undefined) this.#push(this.#lone);
    if (this.#tailLength > 0) {
      this.#push(this.tail.subarray(0, this.#tailLength));
    }
    this.#lone = undefined;
    this.#tailLength = 0;
    this.tail = NO_BYTES;
  }

  #push(chunk: Uint8Array): void {
    this.#sealed ??= new Deque();
    this.#sealed.push(chunk);
  }
}

/** Copies `source[start, end)` to `target` at `at`. */
export function copyBytes(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  start: number,
  end: number,
): void {
  if (end - start > MAX_BYTEWISE) {
    target.set(
      start === 0 && end === source.length
        ? source
        : source.subarray(start, end),
      at,
    );
    return;
  }
  for (let i = start; i < end; i++) target[at++] = source[i] as number;
}
