/** Most names remembered of one gateway; the oldest are forgotten first. */
const MAX_NAMES = 10_000;

/**
 * The uids and groups that a gateway said nobody there has. To forget one is always
 * safe: it costs a message to that gateway.
 */
export class AbsentNames {
  readonly #names = new Set<string>();

  /** How many are remembered. */
  get size(): number {
    return this.#names.size;
  }

  /** The gateway has nobody of that name. */
  add(name: string): void {
    this.#names.add(name);
    if (this.#names.size <= MAX_NAMES) return;
    for (const oldest of this.#names) {
      this.#names.delete(oldest);
      return;
    }
  }

  /** The gateway has somebody, or is about to. */
  delete(name: string): void {
    this.#names.delete(name);
  }

  /** Whether the gateway has nobody of any of these names. */
  hasAll(names: readonly string[]): boolean {
    if (this.#names.size === 0 || names.length === 0) return false;
    return names.every((name) => this.#names.has(name));
  }
}
