import { OriginalGateway } from "./original_gateway.ts";
import { parseRange, type Range } from "./range.ts";

/** How a node of ours takes part in a cluster of the original, GatewayWorker for PHP. */
export interface OriginalOptions {
  /**
   * Links also with gateways that a Register of ours calls originals.
   *
   * @default {false}
   */
  readonly phpPeers?: boolean;
  /**
   * Gateways of the original: an IPv4 address, or one with a port or ports, such as
   * `10.0.0.5:2900-2903`.
   *
   * @default {[]}
   */
  readonly phpGateways?: readonly string[];
  /**
   * Those of the Registers that are originals.
   *
   * @default {[]}
   */
  readonly phpRegisters?: readonly string[];
  /**
   * The key of the original's cluster. It crosses the network in clear, so it must not
   * be the secret key.
   *
   * @default {""}
   */
  readonly phpSecretKey?: string;
}

/** The same with every default filled in. */
export type ResolvedOriginalOptions = Required<OriginalOptions>;

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} If a gateway's name is none.
 */
export function resolveOriginalOptions(
  {
    phpPeers = false,
    phpGateways = [],
    phpRegisters = [],
    phpSecretKey = "",
  }: OriginalOptions,
): ResolvedOriginalOptions {
  for (const name of phpGateways) parseRange(name);
  return { phpPeers, phpGateways, phpRegisters, phpSecretKey };
}

/**
 * The gateways of the original that this node may speak to. Whoever is not named here is
 * never shown the key, whatever it says: the original's protocol has it in clear.
 */
export class Originals {
  readonly #named: readonly Range[];
  readonly #secretKey: string;
  /** Whether a Register of ours is believed that calls gateways originals. */
  readonly #believesRegisters: boolean;
  readonly #gateways = new Map<string, OriginalGateway>();
  #listed: ReadonlySet<string> = new Set();

  /**
   * Speaks to nobody yet.
   *
   * @param options Which, and what they are shown.
   * @throws {TypeError} If a name is none.
   */
  constructor(
    { phpPeers, phpGateways, phpSecretKey }: ResolvedOriginalOptions,
  ) {
    this.#believesRegisters = phpPeers;
    this.#named = phpGateways.map(parseRange);
    this.#secretKey = phpSecretKey;
  }

  /** Whether a Register of ours is to tell of originals. */
  get areWanted(): boolean {
    return this.#believesRegisters || this.#named.length > 0;
  }

  /** A Register of ours tells which of the gateways that it lists are originals. */
  list(addresses: ReadonlySet<string>): void {
    if (this.#believesRegisters) this.#listed = addresses;
  }

  /** The gateway at an address, if it is an original by what was named or listed. */
  at(address: string): OriginalGateway | undefined {
    if (!this.#listed.has(address) && !this.#isNamed(address)) return undefined;
    let gateway = this.#gateways.get(address);
    if (gateway === undefined) {
      gateway = new OriginalGateway(address, this.#secretKey);
      this.#gateways.set(address, gateway);
    }
    return gateway;
  }

  #isNamed(address: string): boolean {
    const at = address.lastIndexOf(":");
    const port = Number(address.slice(at + 1));
    const host = address.slice(0, at);
    return this.#named.some(({ hostname, first, last }) =>
      hostname === host && port >= first && port <= last
    );
  }
}
