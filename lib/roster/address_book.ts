/** What one Register has said. */
interface Page {
  readonly addresses: readonly string[];
  /** Those of gateways of the original. */
  readonly originals: readonly string[];
  /** Those of bridges. */
  readonly bridges: readonly string[];
  /** The Register is there and has spoken. */
  readonly live: boolean;
  /** It has been away for so long that others know better. */
  readonly expired: boolean;
}

/**
 * What several Registers say, taken together. A Register that went away is
 * believed until it speaks again. If it stays away it is forgotten, though only
 * when another one is there: old knowledge is better than none.
 */
export class AddressBook {
  readonly #pages = new Map<string, Page>();

  /** Replaces what this Register has said before. */
  hear(
    register: string,
    addresses: readonly string[],
    originals: readonly string[] = [],
    bridges: readonly string[] = [],
  ): void {
    const page = {
      addresses,
      originals,
      bridges,
      live: true,
      expired: false,
    };
    this.#pages.set(register, page);
    this.#purge();
  }

  /** This Register went away. */
  lose(register: string): void {
    this.#update(register, { live: false });
  }

  /** This Register has been away for long. Does nothing if it is back. */
  expire(register: string): void {
    if (this.#pages.get(register)?.live !== false) return;
    this.#update(register, { expired: true });
    this.#purge();
  }

  /** Every address that counts, without duplicates. */
  union(): Set<string> {
    return new Set(
      [...this.#pages.values()].flatMap(({ addresses, originals }) => [
        ...addresses,
        ...originals,
      ]),
    );
  }

  /** Those that any Register calls gateways of the original. */
  originals(): Set<string> {
    return new Set([...this.#pages.values()].flatMap((page) => page.originals));
  }

  /** Those of bridges, which are no gateways. */
  bridges(): Set<string> {
    return new Set([...this.#pages.values()].flatMap((page) => page.bridges));
  }

  #update(register: string, change: Partial<Page>): void {
    const page = this.#pages.get(register);
    if (page !== undefined) this.#pages.set(register, { ...page, ...change });
  }

  #purge(): void {
    const pages = [...this.#pages];
    if (!pages.some(([, { live }]) => live)) return;
    for (const [register, { expired }] of pages) {
      if (expired) this.#pages.delete(register);
    }
  }
}
