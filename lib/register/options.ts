import { type Address, parseAddress } from "../base/address.ts";
import { checkRanges, withDefaults } from "../base/quantity.ts";
import { checkPhp } from "../peer/php_trust.ts";
import type { ListenTrustOptions } from "../peer/trust.ts";
import { REGISTER_QUANTITIES } from "./quantities.ts";

/** Options for {@linkcode Register.start}. */
export interface RegisterOptions extends ListenTrustOptions {
  /**
   * Where gateways and workers dial: `host:port`. Port `0` lets the system choose.
   *
   * @default {"127.0.0.1:1236"}
   */
  listen?: string;
  /**
   * Whether nodes of the original, which send the secret key itself, may do so from
   * other machines. Whoever can listen on the network between then has the key.
   *
   * @default {false}
   */
  acceptPlainKey?: boolean;
  /**
   * Whether nodes of the original may join that show `phpSecretKey`. What they say,
   * their key among it, crosses the network in clear.
   *
   * @default {false}
   */
  phpPeers?: boolean;
  /**
   * The key that they show; empty for none. Not that of our own nodes, for everybody
   * on the way can read it.
   *
   * @default {""}
   */
  phpSecretKey?: string;
  /**
   * Most connections at a time; further ones are closed at once.
   *
   * @default {10_000}
   */
  maxConnections?: number;
  /**
   * How long a peer may take to say what it is, in milliseconds.
   *
   * @default {10_000}
   */
  identifyTimeout?: number;
  /**
   * How long a peer that has sent pings may then stay silent, in milliseconds;
   * `0` for ever. One that said when its next ping comes, as our own do, has three
   * times that. A peer that never sent one may always be silent: nodes of the
   * original that are dialed at 127.0.0.1 send none.
   *
   * @default {90_000}
   */
  staleTimeout?: number;
  /** Aborting it is the same as {@linkcode Register.shutdown}. */
  signal?: AbortSignal;
}

/** What {@linkcode resolveRegisterOptions} makes of the options. */
export interface ResolvedRegisterOptions {
  /** Where to listen. */
  readonly listen: Address;
  /** Whether nodes on other machines may send the secret key itself. */
  readonly acceptPlainKey: boolean;
  /** Whether nodes of the original may join with a key of their own. */
  readonly phpPeers: boolean;
  /** That key. */
  readonly phpSecretKey: string;
  /** Most connections at a time. */
  readonly maxConnections: number;
  /** Milliseconds a peer has to identify itself. */
  readonly identifyTimeout: number;
  /** Milliseconds of silence after which a peer that pings is gone; `0` for ever. */
  readonly staleTimeout: number;
  /** Aborting it shuts the role down. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Fills in the defaults and rejects impossible values. The only place for either.
 *
 * @param options What the caller gave.
 * @returns Every option with its value.
 * @throws {TypeError} If `listen` is not an address, or nodes of the original could be
 * strangers.
 * @throws {RangeError} If a number is out of range.
 */
export function resolveRegisterOptions(
  options: RegisterOptions,
): ResolvedRegisterOptions {
  const { listen = "127.0.0.1:1236", acceptPlainKey = false, signal } = options;
  const amounts = withDefaults(REGISTER_QUANTITIES, options);
  checkRanges("start register", REGISTER_QUANTITIES, amounts);
  const address = parseAddress(listen);
  const { phpPeers = false, phpSecretKey = "" } = options;
  if (phpPeers) checkPhp("Register", address.hostname, options);
  return {
    ...amounts,
    listen: address,
    acceptPlainKey,
    phpPeers,
    phpSecretKey,
    signal,
  };
}
