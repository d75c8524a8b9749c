/**
 * Hot: every byte to a client passes here. One write is in flight at a time; what is
 * appended meanwhile gathers in a `ChunkQueue` and leaves together when it ends.
 * Messages with a policy of their own (drop the oldest, keep the latest by key) wait
 * outside, in a `Backlog`, until `OutboxOwner.onDrained`.
 *
 * @module
 */
import { HUGE_BUFFER } from "../../base/buffer_pool.ts";
import { type Flushable, flushInTurn } from "../../base/flush_soon.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import type { SendResult } from "../connection.ts";
import { ChunkQueue, copyBytes, MAX_COPIED } from "./chunk_queue.ts";
import type { Borrower, Surplus } from "./surplus.ts";
import type { Windowed, WriteWindow } from "./write_window.ts";

/** As many times the send buffer may wait for a client, as long as it reads. */
export const BREATH = 8;

/** All that an {@linkcode Outbox} needs of a socket. */
export interface ByteWriter {
  /** Writes some of the bytes and resolves with how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** What the outboxes of a listener go by. */
export interface OutboxRules {
  /** Most bytes queued for a client that does not read. */
  readonly sendBuffer: number;
  /** When a client is written to again; `undefined` for at once. */
  readonly writeWindow: WriteWindow | undefined;
  /** What is queued beyond that for clients that do. */
  readonly surplus: Surplus;
}

/** Who is told how an outbox fares. */
export interface OutboxOwner {
  /** A write begins that was held back: what is appended now leaves with it. */
  onRelease(): void;
  /** Everything appended so far has been written. */
  onDrained(): void;
  /** The client has taken nothing for too long: what is queued is to be dropped. */
  onRecalled(): void;
  /** A write failed; no further one will be started. */
  onWriteFailed(): void;
}

/**
 * The bytes accepted for a client and not yet given to the operating system.
 *
 * No more than `sendBuffer` wait for a client that does not read. What is said to a
 * client in one breath may be more than that, up to `BREATH` times as much, and so may
 * one message by itself: see `Surplus`.
 */
export class Outbox implements Flushable, Windowed, Borrower {
  #writer: ByteWriter;
  #rules: OutboxRules;
  #owner: OutboxOwner;
  readonly #onWritten: (count: number) => void;
  readonly #onFailed: () => void;

  readonly #chunks = new ChunkQueue();
  #flight: Uint8Array = NO_BYTES;
  /** What is left of a message that is larger than the limit. */
  #oversize = 0;
  /** What is written before it. */
  #beforeOversize = 0;
  /** Whether more is queued than the limit, lent by `Surplus`. */
  #isBorrowing = false;
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
   * @param rules How many bytes may be queued, and when they are written.
   * @param owner Is told when all is written, or nothing can be.
   */
  constructor(writer: ByteWriter, rules: OutboxRules, owner: OutboxOwner) {
    this.#writer = writer;
    this.#rules = rules;
    this.#owner = owner;
    this.#onWritten = (count) => this.#written(count);
    this.#onFailed = () => this.#failed();
  }

  /** Whether it may serve another client: nothing is queued, nor remembered. */
  get isIdle(): boolean {
    return this.queuedBytes === 0 && this.lastWrite === 0 &&
      !this.#isFlushWanted && !this.#isClosed;
  }

  /** Serves another client from now on; it is idle. */
  serve(writer: ByteWriter, rules: OutboxRules, owner: OutboxOwner): void {
    this.#writer = writer;
    this.#rules = rules;
    this.#owner = owner;
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
    return this.load * 2 > this.#rules.sendBuffer ? "pressure" : "queued";
  }

  /** Whether so many bytes fit without any surplus. */
  hasRoom(size: number): boolean {
    return this.load + size <= this.#rules.sendBuffer;
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
   * @param bytes Where a whole frame is: `bytes[start, end)`.
   * @returns Whether there was room.
   */
  append(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    const at = this.reserve(end - start);
    if (at >= 0) copyBytes(this.tail, at, bytes, start, end);
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
    this.#repay();
  }

  /** Forgets everything and starts no further write. */
  close(): void {
    this.#isClosed = true;
    this.discard();
  }

  /** Asks for a write, for the sake of what waits outside. */
  askFlush(): void {
    this.#count(0);
  }

  /** Starts a write if there are bytes and none is in flight. */
  flush(): void {
    this.#isFlushWanted = false;
    if (this.#isWriting || this.#isHeld) return;
    const { writeWindow } = this.#rules;
    // Only little gains by waiting for more.
    if (writeWindow !== undefined && this.queuedBytes <= MAX_COPIED) {
      this.#isHeld = !writeWindow.opens(this);
      if (!this.#isHeld) this.flushNow();
    } else this.#start();
  }

  /** Does the same, when the window has opened. */
  flushNow(): void {
    this.#isHeld = false;
    if (this.#isWriting || this.#isClosed) return;
    this.#owner.onRelease();
    this.#start();
  }

  /** Others need the room of what is queued here, and nothing of it was taken. */
  onRecalled(): void {
    this.#isBorrowing = false;
    this.#owner.onRecalled();
  }

  #start(): void {
    if (this.queuedBytes === 0) return;
    this.#isWriting = true;
    this.#flight = this.#chunks.take();
    this.#write();
  }

  #admit(size: number): boolean {
    if (this.#isClosed) return false;
    if (!this.hasRoom(size) && !this.#exceed(size)) return false;
    this.#count(size);
    return true;
  }

  /** Whether a message may be queued that there is no room for. */
  #exceed(size: number): boolean {
    const { sendBuffer, surplus } = this.#rules;
    if (size > sendBuffer && this.#oversize === 0) {
      this.#oversize = size;
      this.#beforeOversize = this.queuedBytes;
      return true;
    }
    const load = this.load + size;
    if (load > BREATH * sendBuffer) return false;
    if (!surplus.lend(this, load - sendBuffer)) return false;
    this.#isBorrowing = true;
    return true;
  }

  #count(size: number): void {
    this.queuedBytes += size;
    if (this.#isWriting || this.#isFlushWanted) return;
    this.#isFlushWanted = true;
    flushInTurn(this);
  }

  /** What is written in one go is bounded, so that it is seen how the client takes it. */
  #write(): void {
    const flight = this.#flight;
    const bytes = flight.length > HUGE_BUFFER
      ? flight.subarray(0, HUGE_BUFFER)
      : flight;
    this.#writer.write(bytes).then(this.#onWritten, this.#onFailed);
  }

  #written(count: number): void {
    const flight = this.#flight;
    this.queuedBytes -= count;
    if (this.#isClosed) return this.#land();
    if (this.#oversize > 0) this.#shrinkOversize(count);
    if (this.#isBorrowing) this.#payBack();
    if (count < flight.length) {
      this.#flight = flight.subarray(count);
      return this.#write();
    }
    this.#land();
    if (this.queuedBytes > 0) return this.flush();
    this.#owner.onDrained();
  }

  /** So many bytes have gone, of what was before the large message and of itself. */
  #shrinkOversize(count: number): void {
    const ofIt = count - this.#beforeOversize;
    this.#beforeOversize = Math.max(-ofIt, 0);
    if (ofIt > 0) this.#oversize = Math.max(this.#oversize - ofIt, 0);
  }

  #payBack(): void {
    const { sendBuffer, surplus } = this.#rules;
    const left = this.load - sendBuffer;
    surplus.note(this, left);
    this.#isBorrowing = left > 0;
  }

  #repay(): void {
    if (this.#isBorrowing) this.#rules.surplus.forget(this);
    this.#isBorrowing = false;
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
