import type { HttpAnswer } from "../http/http_answer.ts";
import {
  CLOSING,
  HELD_UP,
  OUT_OF_TURN,
  TAKEN,
  UNREADABLE,
} from "./event_answers.ts";
import { toWebSocketFrames } from "./posted_frames.ts";

/** Milliseconds for which something is kept for a client that is not read. */
const MAX_WAIT = 25_000;

/** Rounds of promise jobs after which whoever reads has taken what it was given. */
const ROUNDS = 4;

/** Most bytes of all that is kept at a time. */
const MAX_HELD = 67_108_864;

/** What is kept for clients that are not read, of all streams together. */
export class HeldPosts {
  readonly #limit: number;
  #bytes = 0;

  /** @param limit Most bytes. */
  constructor(limit: number = MAX_HELD) {
    this.#limit = limit;
  }

  /** Keeps some, if there is room. */
  keep(bytes: number): boolean {
    if (this.#bytes + bytes > this.#limit) return false;
    this.#bytes += bytes;
    return true;
  }

  /** Keeps it no more. */
  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** What was posted and is not answered. */
interface Posted {
  readonly number: number;
  readonly frames: Uint8Array<ArrayBuffer>;
  /** Since when it waits. */
  readonly since: number;
  readonly answered: PromiseWithResolvers<HttpAnswer>;
  isRead: boolean;
  /** Bytes of it that count as kept. */
  kept: number;
}

/**
 * What a client posts, read as one stream: each request in its turn, and once. One at a
 * time is held; it is answered when it has been read, so that who is not read waits.
 */
export class PostBox {
  readonly #isOpen: () => boolean;
  readonly #held: HeldPosts;
  readonly #ours: Uint8Array<ArrayBuffer>[] = [];
  #reader: ((chunk: Uint8Array<ArrayBuffer> | null) => void) | undefined;
  #posted: Posted | undefined;
  #next = 0;
  #isFinished = false;

  /**
   * @param isOpen Whether what is read is still taken.
   * @param held Shared by all streams.
   */
  constructor(isOpen: () => boolean, held: HeldPosts) {
    this.#isOpen = isOpen;
    this.#held = held;
  }

  /** Reads what comes next; `null` if nothing more does. */
  read(): Promise<Uint8Array<ArrayBuffer> | null> {
    return new Promise((resolve) => {
      this.#reader = resolve;
      this.#give();
    });
  }

  /** Has something of ours be read before all else. */
  push(bytes: Uint8Array<ArrayBuffer>): void {
    this.#ours.push(bytes);
    this.#give();
  }

  /**
   * Takes what a client posts.
   *
   * @param number How many it posted before.
   * @param body Valid during the call only.
   * @param time Now.
   * @returns Becomes what it is answered.
   */
  offer(
    number: number,
    body: Uint8Array,
    time: number,
  ): Promise<HttpAnswer> {
    const posted = this.#posted;
    // Somebody on the way has sent it again.
    if (number === posted?.number) return posted.answered.promise;
    if (number < this.#next) return Promise.resolve(TAKEN);
    if (number > this.#next || posted !== undefined) {
      return Promise.resolve(OUT_OF_TURN);
    }
    if (!this.#isOpen()) return Promise.resolve(CLOSING);
    const frames = toWebSocketFrames(body);
    if (frames === undefined) return Promise.resolve(UNREADABLE);
    const answered = Promise.withResolvers<HttpAnswer>();
    const next = this.#posted = {
      number,
      frames,
      since: time,
      answered,
      isRead: false,
      kept: 0,
    };
    this.#give();
    if (!next.isRead) this.#keep(next);
    return answered.promise;
  }

  /** Gives back what has waited for too long. To be called now and then. */
  look(time: number): void {
    const posted = this.#posted;
    if (posted === undefined) return;
    // It cannot be told why before it has taken what is before that.
    if (!this.#isOpen()) this.#answer(posted, CLOSING);
    else if (posted.isRead) return;
    else if (time - posted.since > MAX_WAIT) this.#answer(posted, HELD_UP);
  }

  /** Nothing more comes of the client. */
  finish(): void {
    this.#isFinished = true;
    this.#give();
  }

  /** It is over: who waits is told why. */
  end(why: HttpAnswer): void {
    this.finish();
    if (this.#posted !== undefined) this.#answer(this.#posted, why);
  }

  #give(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const posted = this.#posted;
    const ours = this.#ours.shift();
    if (ours === undefined && !this.#isFinished) {
      if (posted === undefined || posted.isRead) return;
      posted.isRead = true;
      this.#letGo(posted);
      this.#next++;
      void this.#settle(posted);
    }
    this.#reader = undefined;
    reader(ours ?? (this.#isFinished ? null : posted?.frames ?? null));
  }

  /** It waits, if there is room for it. */
  #keep(posted: Posted): void {
    const { length } = posted.frames;
    if (this.#held.keep(length)) posted.kept = length;
    else this.#answer(posted, HELD_UP);
  }

  #letGo(posted: Posted): void {
    this.#held.release(posted.kept);
    posted.kept = 0;
  }

  /** Whoever broke a rule by it is told so by {@linkcode PostBox.end}. */
  async #settle(posted: Posted): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) await undefined;
    if (this.#isOpen()) this.#answer(posted, TAKEN);
  }

  #answer(posted: Posted, answer: HttpAnswer): void {
    if (this.#posted === posted) this.#posted = undefined;
    this.#letGo(posted);
    posted.answered.resolve(answer);
  }
}
