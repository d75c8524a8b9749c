import { now } from "../base/clock.ts";
import { Deque } from "../base/deque.ts";
import type { Link } from "../link/link.ts";

/** Bytes that may wait to leave for one gateway, unless told otherwise. */
export const DEFAULT_LINK_BUFFER = 64 * 1024 * 1024;

/** Bytes between two of those who wait: in between they share a promise. */
const STEP = 65_536;

/** How often it is looked at whether the gateway stands still, in milliseconds. */
const LOOK_INTERVAL = 100;

/** Milliseconds that somebody waits for a gateway that goes on slowly. */
const MAX_WAIT = 5_000;

const AT_ONCE: Promise<undefined> = Promise.resolve(undefined);

/** Somebody who has sent. */
interface Wait {
  /** How many bytes the link must have written. */
  readonly target: number;
  readonly since: number;
  readonly gone: PromiseWithResolvers<undefined>;
}

/**
 * What waits to leave for one gateway. Above a mark, whoever sends and awaits it waits
 * until most of it has left: so a loop that sends goes at the pace of the gateway. For
 * one that takes no byte for a second nobody waits: it must not stop others.
 */
export class Outflow {
  readonly #link: Link;
  readonly #waits = new Deque<Wait>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param link Where it leaves. */
  constructor(link: Link) {
    this.#link = link;
  }

  /** Hot: whether so much waits that whoever sends should wait too. */
  get isHigh(): boolean {
    return this.#link.isHigh;
  }

  /** Resolves when what was sent up to now has left, but for what may always wait. */
  wait(): Promise<undefined> {
    const { log, highBytes, isOpen, isStalled } = this.#link;
    if (!isOpen || isStalled) return AT_ONCE;
    const target = log.appendedBytes - highBytes;
    const { last } = this.#waits;
    if (last !== undefined && target - last.target < STEP) {
      return last.gone.promise;
    }
    const gone = Promise.withResolvers<undefined>();
    this.#waits.push({ target, since: now(), gone });
    this.#timer ??= setInterval(this.#look, LOOK_INTERVAL);
    return gone.promise;
  }

  /** Hot: bytes have left. */
  onWritten(): void {
    if (this.#waits.length > 0) this.#release();
  }

  /** The link is gone: nobody waits. */
  close(): void {
    this.#releaseWhile(() => true);
  }

  #look = (): void => {
    if (this.#link.isStalled) return this.close();
    const earliest = now() - MAX_WAIT;
    this.#releaseWhile(({ since }) => since <= earliest);
  };

  #release(): void {
    const { writtenBytes } = this.#link.log;
    this.#releaseWhile(({ target }) => target <= writtenBytes);
  }

  #releaseWhile(isOver: (wait: Wait) => boolean): void {
    let { first } = this.#waits;
    while (first !== undefined && isOver(first)) {
      this.#waits.shift();
      first.gone.resolve(undefined);
      first = this.#waits.first;
    }
    if (this.#waits.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
