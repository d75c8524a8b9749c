/** Random numbers that depend on a seed alone: the same seed, the same run. */
export class Random {
  #state: number;

  /** @param seed Any whole number. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns the next number, at least 0 and less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ mixed >>> 15, mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 0x1_0000_0000;
  }

  /** Returns a number between two bounds. */
  between(min: number, max: number): number {
    return min + this.next() * (max - min);
  }
}

/** Returns the entry of a list that a number of at least 0 and less than 1 stands for. */
export function pickAt<T>(list: readonly T[], roll: number): T | undefined {
  return list[Math.floor(roll * list.length)];
}

/** Returns a number that depends on a text alone, 0 to 2^32 − 1. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  return (hash ^ hash >>> 13) >>> 0;
}
