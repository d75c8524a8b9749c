import type { CellReport } from "../../observe/report.ts";

/** What became of frames between this cell and another, since the start. */
export interface PairFigures {
  /** See {@linkcode CellReport}. */
  sent: number;
  /** See {@linkcode CellReport}. */
  received: number;
  /** See {@linkcode CellReport}. */
  resent: number;
  /** See {@linkcode CellReport}. */
  duplicates: number;
  /** See {@linkcode CellReport}. */
  withoutInterest: number;
  /** See {@linkcode CellReport}. */
  lost: { -readonly [Reason in keyof CellReport["lost"]]: number };
}

/** Returns figures of nothing. */
export function noFigures(): PairFigures {
  return {
    sent: 0,
    received: 0,
    resent: 0,
    duplicates: 0,
    withoutInterest: 0,
    lost: { window: 0, silent: 0, epoch: 0, tooLarge: 0, refused: 0 },
  };
}

/** Adds figures to others. */
export function addFigures(sum: PairFigures, more: PairFigures): void {
  sum.sent += more.sent;
  sum.received += more.received;
  sum.resent += more.resent;
  sum.duplicates += more.duplicates;
  sum.withoutInterest += more.withoutInterest;
  sum.lost.window += more.lost.window;
  sum.lost.silent += more.lost.silent;
  sum.lost.epoch += more.lost.epoch;
  sum.lost.tooLarge += more.lost.tooLarge;
  sum.lost.refused += more.lost.refused;
}

/** Figures of several cells, which are added up. */
export class FiguresByCell {
  readonly #all = new Map<string, PairFigures>();

  /** Those of one cell. */
  of(cell: string): PairFigures {
    return this.#all.get(cell) ?? noFigures();
  }

  /** Adds those of one. */
  keep(cell: string, figures: PairFigures): void {
    const sum = this.of(cell);
    addFigures(sum, figures);
    this.#all.set(cell, sum);
  }

  /** Adds those of several. */
  keepAll(all: Iterable<[string, PairFigures]>): void {
    for (const [cell, figures] of all) this.keep(cell, figures);
  }
}
