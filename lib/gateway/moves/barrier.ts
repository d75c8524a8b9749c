import { QueryTimeoutError } from "../../base/errors.ts";
import { Command } from "../../wire/command.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

/** Milliseconds that a peer may take to show that it has said all. */
const TIMEOUT = 2_000;

const NO_NAME = new Uint8Array(0);

/**
 * Waits until all that peers sent before some moment has come here. Who waits while
 * others do waits with the next.
 */
export class Barrier {
  readonly #links: () => Iterable<WorkerLink>;
  #running: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;

  /** @param links The links of those who send to clients. */
  constructor(links: () => Iterable<WorkerLink>) {
    this.#links = links;
  }

  /**
   * Resolves when what was sent before the call has come: with `false` if a peer is
   * silent, of whom nobody knows.
   */
  pass(): Promise<boolean> {
    if (this.#running === undefined) return this.#run();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#run();
    });
    return this.#next;
  }

  #run(): Promise<boolean> {
    const running = this.#ask().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  /** What every peer answers, of all versions, in order with what it sends. */
  async #ask(): Promise<boolean> {
    const answers = Array.from(this.#links(), ({ link }) => {
      const { id, reply } = link.pending.add(TIMEOUT);
      link.send(Command.Present, 0, id, NO_NAME);
      return reply;
    });
    const all = await Promise.allSettled(answers);
    // Of a link that has ended, nothing comes any more.
    return !all.some((each) =>
      each.status === "rejected" && each.reason instanceof QueryTimeoutError
    );
  }
}
