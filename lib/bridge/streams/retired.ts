import { now } from "../../base/clock.ts";
import type { CellMessage } from "./cell_message.ts";
import type { Exchange } from "./exchange.ts";
import type { PairFigures } from "./figures.ts";

/** Milliseconds that other cells have to say how far they had come. */
const PATIENCE = 1_000;

/** An exchange that another bridge has taken over. */
interface RetiredExchange {
  readonly exchange: Exchange;
  readonly inbox: Disposable;
  readonly since: number;
}

/**
 * What another bridge of the cell has taken over: nothing goes on there, but what was
 * sent and not acknowledged may have come, and is to be counted as lost only if not.
 */
export class Retired {
  #all: RetiredExchange[] = [];

  /** Asks other cells how far they had come. */
  add(exchange: Exchange, inbox: Disposable): void {
    this.#all.push({ exchange, inbox, since: now() });
    exchange.probe();
  }

  /** Another cell has answered one of them. */
  take(message: CellMessage): void {
    for (const { exchange } of this.#all) {
      if (exchange.epoch === message.to) exchange.takeLastWord(message);
    }
  }

  /** Adds to figures what became of a cell's frames there. */
  addFigures(cell: string, sum: PairFigures): void {
    for (const { exchange } of this.#all) exchange.addFigures(cell, sum);
  }

  /** Ends those that were asked for long enough, or all; tells what became of their frames. */
  *end(which: "due" | "all"): Generator<[string, PairFigures]> {
    const isDue = ({ since }: RetiredExchange) =>
      which === "all" || now() - since > PATIENCE;
    const due = this.#all.filter(isDue);
    this.#all = this.#all.filter((each) => !due.includes(each));
    for (const { exchange, inbox } of due) {
      inbox[Symbol.dispose]();
      yield* exchange.close();
    }
  }
}
