import { LinkClosedError, QueryTimeoutError } from "../base/errors.ts";
import { Pace } from "../base/pace.ts";

/** How often deadlines are looked at, in milliseconds. */
const SWEEP_INTERVAL = 50;

/** Largest request id; then they begin again at 1. */
const MAX_REQUEST_ID = 0x7fff_ffff;

interface Waiting {
  readonly resolve: (parts: unknown[]) => void;
  readonly reject: (error: Error) => void;
  readonly onPart: ((part: unknown) => void) | undefined;
  readonly parts: unknown[];
  deadline: number;
  readonly timeout: number;
}

/** Queries on one link that wait for their replies. One timer for all of them. */
export class Pending {
  readonly #peer: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #pace = new Pace(SWEEP_INTERVAL);
  #lastId = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param peer Address of the gateway asked, for errors. */
  constructor(peer: string) {
    this.#peer = peer;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Begins to wait for a reply.
   *
   * @param timeout Milliseconds to wait for the reply, and for each further part of it.
   * @param onPart Takes each part as it comes; then none are kept. Whatever it throws
   * ends the link.
   * @returns The request id to send, and the decoded parts of the reply to come. The
   * promise may be left alone: a rejection that nobody awaits is harmless.
   */
  add(
    timeout: number,
    onPart?: (part: unknown) => void,
  ): { id: number; reply: Promise<unknown[]> } {
    const { promise, resolve, reject } = Promise.withResolvers<unknown[]>();
    promise.catch(() => {
      // Whoever awaits the promise sees the error; nobody is made to.
    });
    const id = this.#wait(timeout, { resolve, reject, onPart });
    return { id, reply: promise };
  }

  /**
   * Like {@linkcode Pending.add}, for whoever must know in order with the frames that
   * follow the reply.
   *
   * @param timeout Milliseconds to wait for the reply.
   * @param done Called when the reply came, with the error if it was one.
   * @returns The request id to send.
   */
  watch(timeout: number, done: (error: Error | undefined) => void): number {
    return this.#wait(timeout, {
      resolve: () => done(undefined),
      reject: done,
      onPart: undefined,
    });
  }

  /** Takes one part of a reply. A reply that nobody waits for any more is ignored. */
  take(id: number, part: unknown, last: "last" | "more"): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    if (waiting.onPart !== undefined) waiting.onPart(part);
    else waiting.parts.push(part);
    waiting.deadline = this.#pace.time + waiting.timeout;
    if (last === "more") return;
    this.#forget(id);
    waiting.resolve(waiting.parts);
  }

  /** Rejects one query with what the peer said. */
  fail(id: number, error: Error): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#forget(id);
    waiting.reject(error);
  }

  /** Rejects all that wait, since the link is gone. */
  close(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const { reject } of all) {
      reject(
        new LinkClosedError(
          `Cannot query gateway "${this.#peer}": the link closed before the reply`,
        ),
      );
    }
  }

  #wait(
    timeout: number,
    told: Pick<Waiting, "resolve" | "reject" | "onPart">,
  ): number {
    const id = this.#nextId();
    if (this.#timer === undefined) {
      this.#pace.resume();
      this.#timer = setInterval(() => this.#sweep(), SWEEP_INTERVAL);
    }
    const deadline = this.#pace.time + timeout;
    const parts: unknown[] = [];
    const { resolve, reject, onPart } = told;
    this.#waiting.set(id, {
      resolve,
      reject,
      onPart,
      parts,
      deadline,
      timeout,
    });
    return id;
  }

  #sweep(): void {
    if (!this.#pace.tick()) return;
    const { time } = this.#pace;
    for (const [id, { deadline, reject, timeout }] of this.#waiting) {
      if (time < deadline) continue;
      this.#forget(id);
      reject(new QueryTimeoutError(this.#peer, timeout));
    }
  }

  #forget(id: number): void {
    this.#waiting.delete(id);
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #nextId(): number {
    do {
      this.#lastId = this.#lastId % MAX_REQUEST_ID + 1;
    } while (this.#waiting.has(this.#lastId));
    return this.#lastId;
  }
}
