/** Keeps what comes until a test asks for it, in order. */
export class Inbox<T> {
  readonly #items: T[] = [];
  #wake: (() => void) | undefined;

  /** Takes in one item; a callback to hand out. */
  readonly push = (item: T): void => {
    this.#items.push(item);
    this.#wake?.();
  };

  /** How many items wait. */
  get size(): number {
    return this.#items.length;
  }

  /** Waits for the next item. */
  async next(): Promise<T> {
    while (true) {
      const [item] = this.#items.splice(0, 1);
      if (item !== undefined) return item;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Waits for the next item that is meant, and passes over others. */
  async until(isMeant: (item: T) => boolean): Promise<T> {
    for (let item = await this.next();; item = await this.next()) {
      if (isMeant(item)) return item;
    }
  }
}
