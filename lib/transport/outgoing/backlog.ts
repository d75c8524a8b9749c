import type { GapTeller, QueuePolicy } from "../connection.ts";
import { type Admission, MessageQueue } from "./message_queue.ts";
import type { Outbox } from "./outbox.ts";

/** Bytes that move to the outbox at a time: what has moved cannot be dropped. */
const BATCH_SIZE = 16_384;

/**
 * The messages that wait one by one behind a busy outbox, each with its policy. Made
 * when the first has to wait, and thrown away when none does.
 */
export class Backlog {
  readonly #outbox: Outbox;
  readonly #limit: number;
  readonly #queue: MessageQueue;

  /**
   * Starts empty.
   *
   * @param outbox What comes before it.
   * @param limit Most bytes queued, in both together.
   * @param gaps Is told what is dropped, where frames are counted.
   */
  constructor(outbox: Outbox, limit: number, gaps?: GapTeller) {
    this.#outbox = outbox;
    this.#limit = limit;
    this.#queue = new MessageQueue(limit, gaps);
  }

  /** How many messages wait. */
  get length(): number {
    return this.#queue.length;
  }

  /** Bytes of all that wait. */
  get bytes(): number {
    return this.#queue.bytes;
  }

  /** Messages dropped so far. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /** Whether a sender should slow down. */
  get isPressed(): boolean {
    return (this.#outbox.load + this.#queue.load) * 2 > this.#limit;
  }

  /** Offers a message; see {@linkcode MessageQueue.offer}. */
  offer(frame: Uint8Array, policy: QueuePolicy, key = ""): Admission {
    return this.#queue.offer(frame, this.#outbox.load, policy, key);
  }

  /** Moves what leaves in one write to the outbox, which is empty. */
  refill(): void {
    do this.#move(); while (
      this.length > 0 && this.#outbox.queuedBytes < BATCH_SIZE
    );
  }

  /** Moves everything to the outbox. */
  pour(): void {
    while (this.length > 0) this.#move();
  }

  #move(): void {
    const frame = this.#queue.shift();
    if (frame === undefined || this.#outbox.appendShared(frame)) return;
    // It was admitted here, and a limit is no reason to lose it on the way.
    this.#outbox.appendLast(frame);
  }
}

/** Whether a message with a policy of its own may go right behind what is queued. */
export function hasFreeWay(
  outbox: Outbox,
  size: number,
  limit: number,
): boolean {
  if (outbox.isWriting) return false;
  const queued = outbox.queuedBytes;
  return queued === 0 || (queued < BATCH_SIZE && (queued + size) * 2 <= limit);
}
