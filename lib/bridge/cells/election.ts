import { now } from "../../base/clock.ts";
import type { Cells } from "./cells.ts";

/**
 * Milliseconds that a bridge listens before it takes a shard, and at random half as much
 * again: whoever is there answers the first heartbeat of a bridge that it does not know.
 */
const LISTEN_FOR = 500;

/** The same after a time in which it did not hear itself: others may take longer to come back. */
const LISTEN_AGAIN = 3_000;

/** Bridges that take a shard in the same millisecond choose among so many epochs. */
const EPOCHS = 1_000;

/** What an {@linkcode Election} decides. */
export type Decision = "stay" | "take" | "leave";

/**
 * Says for which shards a bridge is active. Of two that are, the one with the newer
 * epoch goes on, and the other one stands by as soon as it hears of it.
 */
export class Election {
  readonly #cells: Cells;
  #listeningSince: number | undefined;
  readonly #luck = 1 + Math.random() / 2;
  #patience = LISTEN_FOR;

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
    // Whose numbers are meant where two have one epoch, nobody knows: both begin anew.
    if (epoch > 0) return rival >= epoch ? "leave" : "stay";
    if (!this.#cells.hearsItself) {
      if (this.#listeningSince !== undefined) this.#patience = LISTEN_AGAIN;
      this.#listeningSince = undefined;
      return "stay";
    }
    this.#listeningSince ??= now();
    const listened = now() - this.#listeningSince;
    if (listened < this.#patience * this.#luck) return "stay";
    return rival === 0 ? "take" : "stay";
  }

  /** An epoch newer than any that was heard, and hardly one that another bridge takes now. */
  newEpoch(shard: number): number {
    const time = Date.now() + Math.floor(Math.random() * EPOCHS);
    return Math.max(time, this.#cells.newestEpoch(shard) + 1);
  }
}
