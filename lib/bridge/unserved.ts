import { isAfter } from "../wire/bodies/origin.ts";
import type { Cells } from "./cells/cells.ts";
import type { Caller, CrossingCommand } from "./home/crossing_command.ts";
import { refuse } from "./streams/exchange.ts";
import { type FiguresByCell, noFigures } from "./streams/figures.ts";
import { Held, type HeldCommand } from "./streams/held.ts";

/**
 * What comes for shards for which this bridge is not active: it is held, in case that
 * this one will be. What is lost is counted, and told to who wants an answer.
 */
export class Unserved {
  readonly #held = new Held();
  readonly #cells: Cells;
  readonly #figures: FiguresByCell;

  /**
   * @param cells Knows who is there.
   * @param figures Where losses are counted.
   */
  constructor(cells: Cells, figures: FiguresByCell) {
    this.#cells = cells;
    this.#figures = figures;
  }

  /** Holds a command, if there is room. */
  hold(caller: Caller, shard: number, what: CrossingCommand): void {
    if (!this.#held.add(caller, shard, what)) this.#lose(caller, what);
  }

  /** Forgets what a caller has numbered, up to a number: it sees to it. */
  drop(caller: Caller, shard: number, number: number): void {
    this.#held.drop((each) =>
      each.caller === caller && each.shard === shard &&
      each.what.origin !== 0 && !isAfter(each.what.connectionId, number)
    );
  }

  /** Gives out what is held for a shard. */
  take(shard: number): HeldCommand[] {
    return this.#held.take(shard);
  }

  /** Gives up what was held for too long. */
  expire(): void {
    for (const { caller, what } of this.#held.expire()) {
      this.giveUp(caller, what);
    }
  }

  /** This bridge will not see to a command: it is lost, unless its sender sees to it. */
  giveUp(caller: Caller, what: CrossingCommand): void {
    if (what.origin === 0) this.#lose(caller, what);
  }

  #lose({ link }: Caller, what: CrossingCommand): void {
    for (const cell of this.#cells.others) {
      if (what.cell !== undefined && what.cell !== cell) continue;
      const figures = noFigures();
      figures.lost.epoch = 1;
      this.#figures.keep(cell, figures);
    }
    if (what.number === 0 || !link.isOpen) return;
    refuse(link, what.number, this.#cells.others);
  }
}
