/**
 * Hot: every byte to a client passes here. One write is in flight at a time; what is
 * appended meanwhile gathers and leaves together when it ends.
 *
 * Bytes wait in one of three places, in this order: `sealed` chunks, then either a
 * growing `tail` that small messages are copied into, or one `lone` shared frame that
 * is written as it is unless something joins it. A chunk holds whole messages only,
 * so what is queued behind the write in flight can be discarded without tearing one.
 * Messages with a policy of their own (drop the oldest, keep the latest by key) wait
 * outside, in a `Backlog`, until `OutboxOwner.onDrained`.
 *
 * @module
 */
import { type Flushable, flushInTurn } from "../../base/flush_soon.ts";
import {
  giveBuffer,
  LARGE_BUFFER,
  takeBuffer,
} from "../../base/buffer_pool.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import type { SendResult } from "../connection.ts";
import type { Windowed, WriteWindow } from "./write_window.ts";

/** Shared frames above this many bytes are never copied into the tail. */
export const MAX_COPIED = 16_384;

/** Short copies are quicker byte by byte than through a view. */
const MAX_BYTEWISE = 32;

/** All that an {@linkcode Outbox} needs of a socket. */
export interface ByteWriter {
  /** Writes some of the bytes and resolves with how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Who is told how an outbox fares. */
export interface OutboxOwner {
  /** Everything appended so far has been written. */
  onDrained(): void;
  /** A write failed; no further one will be started. */
  onWriteFailed(): void;
}

/** The bytes accepted for a client and not yet given to the operating system. */
export class Outbox implements Flushable, Windowed {
  readonly #writer: ByteWriter;
  readonly #window: WriteWindow | undefined;
  readonly #owner: OutboxOwner;
  readonly #limit: number;
  readonly #onWritten: (count: number) => void;
  readonly #onFailed: () => void;

  #sealed: Uint8Array[] | undefined;
  #lone: Uint8Array | undefined;
  #tailLength = 0;
  #flight: Uint8Array = NO_BYTES;
  #flightBuffer: Uint8Array<ArrayBuffer> | undefined;
  #oversize = 0;
  #isWriting = false;
  #isFlushWanted = false;
  /** A flush waits for the window. */
  #isHeld = false;
  #isClosed = false;

  /** Where `reserve` made room: valid until the next call of any method. */
  tail: Uint8Array<ArrayBuffer> = NO_BYTES;

  /** Bytes accepted and not yet written. */
  queuedBytes = 0;

  /** When the last write began that the window let go; 0 before the first. */
  lastWrite = 0;

  /**
   * Starts empty, and holds no buffer until the first message.
   *
   * @param writer Takes the bytes.
   * @param limit Most bytes queued. One message larger than that may still go, but
   *   not a second one before the queue has been empty.
   * @param owner Is told when all is written, or nothing can be.
   * @param window When to write again; at once by default.
   */
  constructor(
    writer: ByteWriter,
    limit: number,
    owner: OutboxOwner,
    window?: WriteWindow,
  ) {
    this.#writer = writer;
    this.#window = window;
    this.#limit = limit;
    this.#owner = owner;
    this.#onWritten = (count) => this.#written(count);
    this.#onFailed = () => this.#failed();
  }

  /** Whether a write is in flight. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** Bytes that count against the limit: a message larger than it is left out. */
  get load(): number {
    return this.queuedBytes - this.#oversize;
  }

  /** What to tell a sender whose message was just accepted. */
  get verdict(): SendResult {
    return this.load * 2 > this.#limit ? "pressure" : "queued";
  }

  /**
   * Makes room for one message, which the caller then writes into `tail`.
   *
   * @param size Bytes of the whole frame.
   * @returns Where in `tail` the frame begins, or -1 if the queue is full.
   */
  reserve(size: number): number {
    return this.#admit(size) ? this.#room(size) : -1;
  }

  /**
   * Appends one message. The bytes are copied.
   *
   * @param bytes A whole frame.
   * @returns Whether there was room.
   */
  append(bytes: Uint8Array): boolean {
    const at = this.reserve(bytes.length);
    if (at >= 0) this.tail.set(bytes, at);
    return at >= 0;
  }

  /**
   * Appends one message without copying it if that can be avoided.
   *
   * @param frame A whole frame, kept, which must never change.
   * @returns Whether there was room.
   */
  appendShared(frame: Uint8Array): boolean {
    const size = frame.length;
    if (!this.#admit(size)) return false;
    if (size > MAX_COPIED) {
      this.#seal();
      this.#push(frame);
    } else if (this.#tailLength === 0 && this.#lone === undefined) {
      this.#lone = frame;
    } else {
      const at = this.#room(size);
      copyBytes(this.tail, at, frame, 0, size);
    }
    return true;
  }

  /**
   * Appends a farewell past the limit.
   *
   * @param bytes A whole frame. The bytes are copied.
   */
  appendLast(bytes: Uint8Array): void {
    if (this.#isClosed || bytes.length === 0) return;
    this.#count(bytes.length);
    const at = this.#room(bytes.length);
    this.tail.set(bytes, at);
  }

  /** Forgets what is queued behind the write in flight. */
  discard(): void {
    this.#releaseTail();
    this.#sealed = undefined;
    this.#lone = undefined;
    this.queuedBytes = this.#flight.length;
    this.#oversize = 0;
  }

  /** Forgets everything and starts no further write. */
  close(): void {
    this.#isClosed = true;
    this.discard();
  }

  /** Starts a write if there are bytes and none is in flight. */
  flush(): void {
    this.#isFlushWanted = false;
    if (this.#isWriting || this.#isHeld || this.queuedBytes === 0) return;
    // Only little gains by waiting for more.
    if (this.#window !== undefined && this.queuedBytes <= MAX_COPIED) {
      this.#isHeld = !this.#window.opens(this);
      if (this.#isHeld) return;
    }
    this.flushNow();
  }

  /** Does the same, without a window. */
  flushNow(): void {
    this.#isHeld = false;
    if (this.#isWriting || this.queuedBytes === 0) return;
    this.#isWriting = true;
    this.#takeFlight();
    this.#write();
  }

  #admit(size: number): boolean {
    if (this.#isClosed) return false;
    if (this.queuedBytes - this.#oversize + size > this.#limit) {
      if (size <= this.#limit || this.#oversize > 0) return false;
      this.#oversize = size;
    }
    this.#count(size);
    return true;
  }

  #count(size: number): void {
    this.queuedBytes += size;
    if (this.#isWriting || this.#isFlushWanted) return;
    this.#isFlushWanted = true;
    flushInTurn(this);
  }

  /** Returns where in the tail `size` bytes may go, after what is already there. */
  #room(size: number): number {
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
    if (this.#sealed === undefined) this.#sealed = [chunk];
    else this.#sealed.push(chunk);
  }

  /** Takes the oldest bytes that can go in one write. */
  #takeFlight(): void {
    const sealed = this.#sealed;
    if (sealed !== undefined) {
      this.#flight = sealed.shift() ?? NO_BYTES;
      if (sealed.length === 0) this.#sealed = undefined;
    } else if (this.#lone !== undefined) {
      this.#flight = this.#lone;
      this.#lone = undefined;
    } else {
      this.#flight = this.tail.subarray(0, this.#tailLength);
      this.#flightBuffer = this.tail;
      this.tail = NO_BYTES;
      this.#tailLength = 0;
    }
  }

  #write(): void {
    this.#writer.write(this.#flight).then(this.#onWritten, this.#onFailed);
  }

  #written(count: number): void {
    const flight = this.#flight;
    this.queuedBytes -= count;
    if (this.#isClosed) return this.#land();
    if (count < flight.length) {
      this.#flight = flight.subarray(count);
      return this.#write();
    }
    this.#land();
    if (this.queuedBytes > 0) return this.flush();
    this.#oversize = 0;
    this.#owner.onDrained();
  }

  #failed(): void {
    this.#land();
    if (this.#isClosed) return;
    this.close();
    this.#owner.onWriteFailed();
  }

  /** The write has ended: nothing is in flight. */
  #land(): void {
    this.#flight = NO_BYTES;
    this.#isWriting = false;
    if (this.#isClosed) this.queuedBytes = 0;
    if (this.#flightBuffer !== undefined) giveBuffer(this.#flightBuffer);
    this.#flightBuffer = undefined;
  }

  #releaseTail(): void {
    if (this.tail !== NO_BYTES) giveBuffer(this.tail);
    this.tail = NO_BYTES;
    this.#tailLength = 0;
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
