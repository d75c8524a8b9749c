import { leftOutRow, type TapRow } from "../wire/bodies/tap.ts";

/** What whoever taps is told: a frame, or a word about the tap itself. */
export type TapItem = TapRow | { readonly note: string };

/** Frames that wait to be read. */
export const MAX_FED = 1_000;

/** What was tapped and is not read: bounded, and what finds no room is counted. */
export class TapFeed {
  readonly #items: TapItem[] = [];
  #left = 0;
  #isOver = false;
  #wake: (() => void) | undefined;

  /** Adds a frame, if there is room. */
  push(row: TapRow): void {
    if (this.#items.length >= MAX_FED) this.#left += 1 + (row.left ?? 0);
    else this.#add(this.#withLeft(row));
  }

  /** Adds a word about the tap itself. */
  note(note: string): void {
    if (this.#items.length < 2 * MAX_FED) this.#add({ note });
  }

  /** Nothing more comes. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  /** Waits for the next one; `undefined` when there is none any more. One at a time. */
  async next(): Promise<TapItem | undefined> {
    while (this.#items.length + this.#left === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#isOver ? undefined : this.#items.shift() ?? this.#lack();
  }

  /** All that was kept is read: says what was not. */
  #lack(): TapRow {
    const row = leftOutRow(this.#left);
    this.#left = 0;
    return row;
  }

  #add(item: TapItem): void {
    this.#items.push(item);
    this.#wake?.();
  }

  #withLeft(row: TapRow): TapRow {
    if (this.#left === 0) return row;
    const left = this.#left + (row.left ?? 0);
    this.#left = 0;
    return { ...row, left };
  }
}
