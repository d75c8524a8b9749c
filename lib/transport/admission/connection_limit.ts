import { networkOf } from "../../base/ip_address.ts";
import type { Refusal } from "../connection.ts";
import { TOO_MANY } from "./refusal_answers.ts";

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
   * Bits of an IPv4 address that are counted as one address, 1 to 32.
   *
   * @default {32}
   */
  readonly addressPrefixV4?: number;
  /**
   * Bits of an IPv6 address that are counted as one address, 1 to 128.
   *
   * @default {64}
   */
  readonly addressPrefix?: number;
}

/** Clients of addresses at other gateways. */
export interface CountedElsewhere {
  /** How many come from a network. */
  countFrom(network: string): number;
  /** The number here has changed. */
  touch(network: string): void;
}

/** Counts who is in, and lets nobody in who is too many. Pure: no I/O. */
export class ConnectionLimit {
  readonly #byNetwork = new Map<string, number>();
  /** Clients that are away, and whose sessions wait for them. */
  readonly #away = new Map<string, number>();
  readonly #addressPrefix: number | undefined;
  readonly #addressPrefixV4: number | undefined;
  /** Called for one more than there may be from an address; returns whether to let it in. */
  onTooMany: ((network: string) => boolean) | undefined;
  /** Most clients at a time. */
  readonly maxConnections: number;
  /** Most clients at a time from one address. */
  readonly maxPerAddress: number;
  /** Clients that are in. */
  connections = 0;
  /** Other gateways that count with this one; none if absent. */
  elsewhere: CountedElsewhere | undefined;
  /** Says why nobody may come in from an address, whoever is in; nobody is asked if absent. */
  refuses: ((host: string) => Refusal | undefined) | undefined;

  /** @param options The limits. */
  constructor(options: ConnectionLimitOptions = {}) {
    this.maxConnections = options.maxConnections ?? Infinity;
    this.maxPerAddress = options.maxPerAddress ?? Infinity;
    this.#addressPrefix = options.addressPrefix;
    this.#addressPrefixV4 = options.addressPrefixV4;
  }

  /** Whether there is room for one more. */
  get hasRoom(): boolean {
    return this.connections < this.maxConnections;
  }

  /** Counts one in from an address; or says why not. */
  enterFrom(host: string): Refusal | undefined {
    const refusal = this.refuses?.(host);
    if (refusal !== undefined) return refusal;
    if (this.maxPerAddress === Infinity) return undefined;
    const network = this.#networkOf(host);
    const count = this.#byNetwork.get(network) ?? 0;
    const elsewhere = this.elsewhere?.countFrom(network) ?? 0;
    const isTooMany = count + elsewhere >= this.maxPerAddress;
    if (isTooMany && !this.onTooMany?.(network)) return TOO_MANY;
    this.#byNetwork.set(network, count + 1);
    this.elsewhere?.touch(network);
    return undefined;
  }

  /** Whether one that is in is not too many either with those who are away. */
  mayStay(host: string): boolean {
    if (this.maxPerAddress === Infinity) return true;
    const network = this.#networkOf(host);
    const count = this.#byNetwork.get(network) ?? 0;
    // Those beyond it who are in were let in for all that.
    if (count > this.maxPerAddress) return true;
    const total = count + (this.#away.get(network) ?? 0);
    return total <= this.maxPerAddress || this.onTooMany?.(network) === true;
  }

  /** Counts one that is away. */
  stayFrom(host: string): void {
    if (this.maxPerAddress === Infinity) return;
    const network = this.#networkOf(host);
    this.#away.set(network, 1 + (this.#away.get(network) ?? 0));
  }

  /** Counts one out again that was away. */
  goFrom(host: string): void {
    countOut(this.#away, this.#networkOf(host));
  }

  /** Counts one out again that `enterFrom` let in. */
  leaveFrom(host: string): void {
    const network = this.#networkOf(host);
    countOut(this.#byNetwork, network);
    this.elsewhere?.touch(network);
  }

  /** Those that are in from a network. */
  countFrom(network: string): number {
    return this.#byNetwork.get(network) ?? 0;
  }

  /** The networks that any come from. */
  networks(): Iterable<string> {
    return this.#byNetwork.keys();
  }

  #networkOf(host: string): string {
    return networkOf(host, this.#addressPrefix, this.#addressPrefixV4);
  }
}

function countOut(counts: Map<string, number>, network: string): void {
  const count = counts.get(network) ?? 0;
  if (count > 1) counts.set(network, count - 1);
  else counts.delete(network);
}
