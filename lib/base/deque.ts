/** Room of a deque at its first item; always a power of two. */
const MIN_ROOM = 8;

/** Room above which an empty deque gives its memory back. */
const MAX_IDLE_ROOM = 64;

/**
 * A queue that is added to and taken from at both ends. Each step takes the same time
 * however long it is: `Array.shift` moves all items that follow, and a list that is
 * spread into arguments ends the process beyond some hundred thousand.
 * Without items it takes no memory but its own.
 */
export class Deque<Item> {
  /** A ring: the first item at `#start`, others behind it, going on at 0. */
  #ring: (Item | undefined)[] = [];
  #start = 0;
  #length = 0;

  /** How many items there are. */
  get length(): number {
    return this.#length;
  }

  /** The item that {@linkcode Deque.shift} would take. */
  get first(): Item | undefined {
    return this.#length === 0 ? undefined : this.#ring[this.#start];
  }

  /** The item added last with {@linkcode Deque.push}. */
  get last(): Item | undefined {
    return this.#length === 0
      ? undefined
      : this.#ring[this.#place(this.#length - 1)];
  }

  /** Adds an item behind all others. */
  push(item: Item): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[this.#place(this.#length)] = item;
    this.#length++;
  }

  /** Adds an item before all others. */
  unshift(item: Item): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#start = this.#place(this.#ring.length - 1);
    this.#ring[this.#start] = item;
    this.#length++;
  }

  /** Takes the first item. */
  shift(): Item | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#start];
    this.#ring[this.#start] = undefined;
    this.#start = this.#place(1);
    this.#length--;
    if (this.#length === 0 && this.#ring.length > MAX_IDLE_ROOM) this.clear();
    return item;
  }

  /** Returns an item by its place from the first, which has 0. */
  at(index: number): Item | undefined {
    return index < this.#length ? this.#ring[this.#place(index)] : undefined;
  }

  /** Puts another item in the place of one that is there. */
  set(index: number, item: Item): void {
    if (index < this.#length) this.#ring[this.#place(index)] = item;
  }

  /** Adds items before all others, the first of them first. */
  prepend(items: readonly Item[]): void {
    const length = this.#length + items.length;
    if (length > this.#ring.length) this.#grow(length);
    for (let index = items.length - 1; index >= 0; index--) {
      this.unshift(items[index] as Item);
    }
  }

  /** Takes all items away. */
  clear(): void {
    this.#ring = [];
    this.#start = 0;
    this.#length = 0;
  }

  /** Yields the items, first to last; nothing may be added or taken meanwhile. */
  *[Symbol.iterator](): Generator<Item> {
    for (let index = 0; index < this.#length; index++) {
      yield this.#ring[this.#place(index)] as Item;
    }
  }

  #place(index: number): number {
    return (this.#start + index) & (this.#ring.length - 1);
  }

  /** Makes room for one more, or for so many. */
  #grow(wanted = this.#length + 1): void {
    let room = Math.max(MIN_ROOM, 2 * this.#ring.length);
    while (room < wanted) room *= 2;
    const ring = new Array<Item | undefined>(room).fill(undefined);
    for (let index = 0; index < this.#length; index++) {
      ring[index] = this.#ring[this.#place(index)];
    }
    this.#ring = ring;
    this.#start = 0;
  }
}
