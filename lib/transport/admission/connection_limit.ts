import { networkOf } from "../../base/ip_address.ts";

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
  /**
   * Bits of an IPv6 address that are counted as one address, 1 to 128.
   *
   * @default {64}
   */
  readonly addressPrefix?: number;
}

/** Counts who is in, and lets nobody in who is too many. Pure: no I/O. */
export class ConnectionLimit {
  readonly #byNetwork = new Map<string, number>();
  readonly #addressPrefix: number | undefined;
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
    this.#addressPrefix = options.addressPrefix;
  }

  /** Whether there is room for one more. */
  get hasRoom(): boolean {
    return this.connections < this.maxConnections;
  }

  /** Counts one in from an address, unless it has too many already. */
  enterFrom(host: string): boolean {
    if (this.maxPerAddress === Infinity) return true;
    const network = networkOf(host, this.#addressPrefix);
    const count = this.#byNetwork.get(network) ?? 0;
    if (count >= this.maxPerAddress) return false;
    this.#byNetwork.set(network, count + 1);
    return true;
  }

  /** Counts one out again that `enterFrom` let in. */
  leaveFrom(host: string): void {
    const network = networkOf(host, this.#addressPrefix);
    const count = this.#byNetwork.get(network) ?? 0;
    if (count > 1) this.#byNetwork.set(network, count - 1);
    else this.#byNetwork.delete(network);
  }
}
