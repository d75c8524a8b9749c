/** Options for {@linkcode ConnectionLimit}. */
export interface ConnectionLimitOptions {
  /**
   * Most clients at a time, on all listeners together.
   *
   * @default {Infinity}
   */
  readonly maxConnections?: number;
  /**
   * Most clients at a time from one address.
   *
   * @default {Infinity}
   */
  readonly maxPerAddress?: number;
}

/** Counts who is in, and lets nobody in who is too many. Pure: no I/O. */
export class ConnectionLimit {
  readonly #byHost = new Map<string, number>();
  /** Most clients at a time. */
  readonly maxConnections: number;
  /** Most clients at a time from one address. */
  readonly maxPerAddress: number;
  /** Clients that are in. */
  connections = 0;

  /** @param options The limits. */
  constructor(options: ConnectionLimitOptions = {}) {
    this.maxConnections = options.maxConnections ?? Infinity;
    this.maxPerAddress = options.maxPerAddress ?? Infinity;
  }

  /** Whether there is room for one more. */
  get hasRoom(): boolean {
    return this.connections < this.maxConnections;
  }

  /** Counts one in from an address, unless it has too many already. */
  enterFrom(host: string): boolean {
    if (this.maxPerAddress === Infinity) return true;
    const count = this.#byHost.get(host) ?? 0;
    if (count >= this.maxPerAddress) return false;
    this.#byHost.set(host, count + 1);
    return true;
  }

  /** Counts one out again that `enterFrom` let in. */
  leaveFrom(host: string): void {
    const count = this.#byHost.get(host) ?? 0;
    if (count > 1) this.#byHost.set(host, count - 1);
    else this.#byHost.delete(host);
  }
}
