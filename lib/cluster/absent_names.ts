/** Most names remembered of one gateway; the oldest are forgotten first. */
const MAX_NAMES = 10_000;

/**
 * The uids and groups that a gateway said nobody there has. To forget one is always
 * safe: it costs a message to that gateway.
 */
export class AbsentNames {
  readonly #names = new Set<string>();
  /** How many are on their way to the gateway under a name. */
  readonly #expected = new Map<string, number>();

  /** How many are remembered. */
  get size(): number {
    return this.#names.size;
  }

  /** The gateway said that it has nobody of that name: of before, if one is expected. */
  add(name: string): void {
    if (this.#expected.has(name)) return;
    this.#names.add(name);
    if (this.#names.size <= MAX_NAMES) return;
    for (const oldest of this.#names) {
      this.#names.delete(oldest);
      return;
    }
  }

  /** The gateway has somebody. */
  delete(name: string): void {
    this.#names.delete(name);
  }

  /** It may have anybody. */
  clear(): void {
    this.#names.clear();
  }

  /**
   * Somebody is on the way there: what the gateway said before it knew may be on the
   * way back, and must not be believed when it comes.
   *
   * @param known Settles when the gateway has answered, or will not.
   */
  expect(name: string, known: Promise<unknown>): void {
    this.#names.delete(name);
    this.#expected.set(name, 1 + (this.#expected.get(name) ?? 0));
    const arrived = () => this.#arrived(name);
    known.then(arrived, arrived);
  }

  #arrived(name: string): void {
    const left = (this.#expected.get(name) ?? 1) - 1;
    if (left > 0) this.#expected.set(name, left);
    else this.#expected.delete(name);
  }

  /** Whether the gateway has nobody of any of these names. */
  hasAll(names: readonly string[]): boolean {
    if (this.#names.size === 0 || names.length === 0) return false;
    return names.every((name) => this.#names.has(name));
  }
}
