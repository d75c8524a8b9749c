import { checkPhp } from "../../peer/php_trust.ts";
import type { ListenTrustOptions } from "../../peer/trust.ts";
import type { Preference } from "../workers/router.ts";

/** Every {@linkcode Preference}. */
export const PREFERENCES: readonly Preference[] = ["php", "ours", "any"];

/** Options of a gateway about nodes of the original, GatewayWorker for PHP. */
export interface PhpOptions {
  /**
   * Whether workers and programs of the original may connect to the port for workers.
   * What they say, their key among it, crosses the network in clear.
   *
   * @default {false}
   */
  readonly phpPeers?: boolean;
  /**
   * The key that they show; empty for none. Not that of our own nodes, for everybody
   * on the way can read it.
   *
   * @default {""}
   */
  readonly phpSecretKey?: string;
  /**
   * Those of the Registers that are originals: they are shown `phpSecretKey`, and list
   * this gateway to workers of the original.
   *
   * @default {[]}
   */
  readonly phpRegisters?: readonly string[];
  /**
   * Which workers get clients first, while there are both kinds.
   *
   * @default {"any"}
   */
  readonly prefer?: Preference;
}

/**
 * Fills in the defaults and rejects what would be unsafe.
 *
 * @param options What was given.
 * @param lanListen Where nodes connect.
 * @throws {TypeError} If strangers could connect, or our own nodes speak TLS there.
 */
export function resolvePhpOptions(
  options: PhpOptions & ListenTrustOptions,
  lanListen: string,
): Required<PhpOptions> {
  const {
    phpPeers = false,
    phpSecretKey = "",
    phpRegisters = [],
    prefer = "any",
  } = options;
  if (!PREFERENCES.includes(prefer)) {
    throw new TypeError(
      `Cannot start gateway as prefer must be php, ours or any: current value is "${prefer}"`,
    );
  }
  const resolved = { phpPeers, phpSecretKey, phpRegisters, prefer };
  if (phpPeers) checkPhp("gateway", lanListen, options);
  else if (phpRegisters.length > 0) {
    throw new TypeError(
      "Cannot start gateway as phpRegisters goes with phpPeers only: a Register of the original lists it to workers that it would not speak with",
    );
  }
  return resolved;
}
