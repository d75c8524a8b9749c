import { now } from "../base/clock.ts";
import type { FrameLog } from "../wire/frame_log.ts";
import { Gatherer } from "../wire/gatherer.ts";

/**
 * How long frames that wait for others do so at most, in milliseconds. They are meant to
 * wait 0.3 (see {@linkcode Gatherer}), but a timer cannot be shorter than 1; what is
 * appended meanwhile looks at the clock by itself.
 */
const TIMEOUT = 1;

/** Hot: lets the frames of one link wait for others, and sees to it that they leave. */
export class Gathering {
  readonly #gatherer: Gatherer;
  readonly #flush: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param within Milliseconds that frames may wait for others; 0 for never.
   * @param flush Called when they have waited long enough.
   */
  constructor(within: number, flush: () => void) {
    this.#gatherer = new Gatherer(within);
    this.#flush = flush;
  }

  /** Whether a write waits for more frames, or for the timer if no more come. */
  isUnderWay({ pendingBytes, appendedBodies }: FrameLog): boolean {
    if (pendingBytes === 0) return false;
    if (!this.#gatherer.shouldWait(now(), appendedBodies)) return false;
    this.#timer ??= setTimeout(this.#onTimeout, TIMEOUT);
    return true;
  }

  /** Flushes no more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  readonly #onTimeout = (): void => {
    this.#timer = undefined;
    this.#flush();
  };
}
