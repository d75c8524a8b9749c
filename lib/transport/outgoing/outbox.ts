/**
 * Hot: every byte to a client passes here. One write is in flight at a time; what is
 * appended meanwhile gathers in a `ChunkQueue` and leaves together when it ends.
 * Messages with a policy of their own (drop the oldest, keep the latest by key) wait
 * outside, in a `Backlog`, until `OutboxOwner.onDrained`.
 *
 * @module
 */
import { type Flushable, flushInTurn } from "../../base/flush_soon.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import type { SendResult } from "../connection.ts";
import { ChunkQueue, MAX_COPIED } from "./chunk_queue.ts";
import type { Windowed, WriteWindow } from "./write_window.ts";

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

  readonly #chunks = new ChunkQueue();
  #flight: Uint8Array = NO_BYTES;
  #oversize = 0;
  #isWriting = false;
  #isFlushWanted = false;
  /** A flush waits for the window. */
  #isHeld = false;
  #isClosed = false;

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

  /** Where `reserve` made room: valid until the next call of any method. */
  get tail(): Uint8Array<ArrayBuffer> {
    return this.#chunks.tail;
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
    return this.#admit(size) ? this.#chunks.room(size) : -1;
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
    if (!this.#admit(frame.length)) return false;
    this.#chunks.add(frame);
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
    const at = this.#chunks.room(bytes.length);
    this.tail.set(bytes, at);
  }

  /** Forgets what is queued behind the write in flight. */
  discard(): void {
    this.#chunks.clear();
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
    this.#flight = this.#chunks.take();
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
    this.#chunks.release();
  }
}
