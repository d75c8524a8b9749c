import { roomLogger } from "../../observe/logger.ts";
import type { Refusal } from "../../transport/connection.ts";
import type { Router } from "./router.ts";

const logger = roomLogger("gateway");

const NO_WORKER: Refusal = {
  status: 503,
  body: "503 no worker is there: try again later\n",
  headers: [["Retry-After", "5"]],
};

/** Options for {@linkcode WorkerLack}. */
export interface WorkerLackOptions {
  /** Milliseconds without a worker after which clients are turned away. */
  readonly timeout: number;
  /** The clock, in milliseconds; one that stands still with the process. */
  readonly now: () => number;
}

/**
 * Turns clients away while no worker has been there for so long that those who wait
 * are given up. To let them in, and close them before they have heard a word, leaves
 * some waiting for ever.
 */
export class WorkerLack {
  readonly #router: Router;
  readonly #timeout: number;
  readonly #now: () => number;
  #lastSeen: number;
  #isKnown = false;

  /** Nothing is lacking yet: workers have their time from now on. */
  constructor(router: Router, { timeout, now }: WorkerLackOptions) {
    this.#router = router;
    this.#timeout = timeout;
    this.#now = now;
    this.#lastSeen = now();
  }

  /** Looks whether a worker takes clients. To be called once a second. */
  sweep(): void {
    this.#seesWorker();
  }

  /** Returns why a client may not come in; `undefined` if it may. */
  refusal(): Refusal | undefined {
    if (this.#seesWorker()) return undefined;
    const lack = this.#now() - this.#lastSeen;
    if (lack < this.#timeout) return undefined;
    if (!this.#isKnown) {
      logger.warn(
        "Refuses WebSocket clients with 503 until a worker comes: there was none for {lack} ms",
        { lack: Math.round(lack) },
      );
    }
    this.#isKnown = true;
    return NO_WORKER;
  }

  #seesWorker(): boolean {
    if (this.#router.least() === undefined) return false;
    this.#lastSeen = this.#now();
    this.#isKnown = false;
    return true;
  }
}
