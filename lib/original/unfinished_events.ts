const HIGH_WORD = 0x1_0000_0000;

/**
 * Counts the bytes of events that were told and are not handled. The original tells as
 * many as come: reading no more of them is all that can hold it back.
 */
export class UnfinishedEvents {
  readonly #window: number;
  /** Bytes of each event that is not handled, by its number on the link. */
  readonly #sizes = new Map<number, number>();
  readonly #deferred = new Set<number>();
  #last = 0;
  #bytes = 0;
  #isOver = false;
  #wake: (() => void) | undefined;

  /** @param window Bytes from which on no more is to be read. */
  constructor(window: number) {
    this.#window = window;
  }

  /** An event was told. */
  add(bytes: number): void {
    this.#sizes.set(++this.#last, bytes);
    this.#bytes += bytes;
  }

  /** All up to a number are handled, or deferred. */
  acknowledge(high: number, low: number): void {
    const last = high * HIGH_WORD + low;
    for (const number of this.#sizes.keys()) {
      if (number > last) break;
      if (!this.#deferred.has(number)) this.#forget(number);
    }
  }

  /** One takes long. */
  defer(high: number, low: number): void {
    this.#deferred.add(high * HIGH_WORD + low);
  }

  /** One that takes long is handled. */
  release(high: number, low: number): void {
    const number = high * HIGH_WORD + low;
    this.#deferred.delete(number);
    this.#forget(number);
  }

  /** Resolves when more may be read. */
  async room(): Promise<void> {
    while (this.#bytes >= this.#window && !this.#isOver) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Nobody waits any more. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  #forget(number: number): void {
    this.#bytes -= this.#sizes.get(number) ?? 0;
    this.#sizes.delete(number);
    if (this.#bytes < this.#window) this.#wake?.();
  }
}
