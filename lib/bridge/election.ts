import { now } from "../base/clock.ts";
import type { Cells } from "./cells.ts";

/**
 * Milliseconds that a bridge listens before it takes a shard, and at random half as much
 * again: whoever is there answers the first heartbeat of a bridge that it does not know.
 */
const LISTEN_FOR = 500;

/** What an {@linkcode Election} decides. */
export type Decision = "stay" | "take" | "leave";

/**
 * Says for which shards a bridge is active. Of two that are, the one with the newer
 * epoch goes on, and the other one stands by as soon as it hears of it.
 */
export class Election {
  readonly #cells: Cells;
  #listeningSince: number | undefined;
  readonly #patience = LISTEN_FOR * (1 + Math.random() / 2);

  /** @param cells Knows who is there. */
  constructor(cells: Cells) {
    this.#cells = cells;
  }

  /**
   * Decides about a shard.
   *
   * @param shard Which.
   * @param epoch Since when this bridge is active; 0 if it stands by.
   */
  decide(shard: number, epoch: number): Decision {
    const rival = this.#cells.rivalFor(shard);
    if (epoch > 0) return rival > epoch ? "leave" : "stay";
    if (this.#cells.isCutOff) {
      this.#listeningSince = undefined;
      return "stay";
    }
    this.#listeningSince ??= now();
    if (now() - this.#listeningSince < this.#patience) return "stay";
    return rival === 0 ? "take" : "stay";
  }

  /** An epoch newer than any that was heard. */
  newEpoch(shard: number): number {
    return Math.max(Date.now(), this.#cells.newestEpoch(shard) + 1);
  }
}
