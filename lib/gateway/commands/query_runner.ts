import { now } from "../../base/clock.ts";
import { Deque } from "../../base/deque.ts";
import { Command } from "../../wire/command.ts";
import { Flag } from "../../wire/frame.ts";
import type { Link } from "../../link/link.ts";

/** Milliseconds of one turn; then clients and workers are served. */
const TURN = 2;

/** Bytes that may wait on a link before more answers are made for it. */
const MAX_QUEUED = 1024 * 1024;

/** What is needed of a link that an answer goes to. */
export type AnswerLink = Pick<Link, "isOpen" | "send"> & {
  readonly log: Pick<Link["log"], "pendingBytes">;
};

/** A part of an answer, encoded; the last one is returned. */
export type AnswerParts = Generator<Uint8Array, Uint8Array>;

/** Milliseconds until links are looked at again that take nothing. */
const STUCK_DELAY = 5;

/** A request that is answered part by part. */
export interface AnsweredRequest {
  /** Where the answer goes. */
  readonly link: AnswerLink;
  /** Number of the request. */
  readonly number: number;
  /** Milliseconds that whoever asked waits for a part. */
  readonly timeout: number;
}

interface Running extends AnsweredRequest {
  readonly parts: AnswerParts;
  progressed: number;
}

/**
 * Answers queries part by part. Short answers are given at once; the rest of long
 * ones is made in turns between which everything else goes on, all queries taking
 * part by part in rotation, and no faster than their links take it.
 */
export class QueryRunner implements Disposable {
  readonly #running = new Deque<Running>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Begins to answer.
   *
   * @param request What it answers.
   * @param parts Makes the answer.
   */
  run(request: AnsweredRequest, parts: AnswerParts): void {
    const query = { ...request, parts, progressed: now() };
    if (this.#running.length === 0 && advance(query) === "done") return;
    this.#running.push(query);
    this.#timer ??= setTimeout(this.#turn);
  }

  /** Answers nothing more. */
  [Symbol.dispose](): void {
    this.#running.clear();
    clearTimeout(this.#timer);
  }

  #turn = (): void => {
    const end = now() + TURN;
    let idle = 0;
    while (idle < this.#running.length && now() < end) {
      const query = this.#running.shift();
      if (query === undefined) break;
      const outcome = advance(query);
      if (outcome === "done") continue;
      this.#running.push(query);
      idle = outcome === "waiting" ? idle + 1 : 0;
    }
    const isStuck = idle >= this.#running.length;
    this.#timer = this.#running.length === 0
      ? undefined
      : setTimeout(this.#turn, isStuck ? STUCK_DELAY : 0);
  };
}

function advance(query: Running): "done" | "more" | "waiting" {
  const { link, number, parts, timeout } = query;
  if (!link.isOpen) return "done";
  const time = now();
  if (link.log.pendingBytes > MAX_QUEUED) {
    return time - query.progressed > timeout ? "done" : "waiting";
  }
  query.progressed = time;
  const { value, done } = parts.next();
  link.send(Command.Reply, 0, number, value, done ? 0 : Flag.More);
  return done ? "done" : "more";
}
