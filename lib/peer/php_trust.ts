import { isLoopback } from "../base/address.ts";
import type { ListenTrustOptions, Trust } from "./trust.ts";

/** What a node is told that takes nodes of the original. */
export interface PhpTrustOptions extends ListenTrustOptions {
  /** The key that nodes of the original show. */
  readonly phpSecretKey?: string;
}

/**
 * Refuses to take nodes of the original, which send their key in clear, where that would
 * be unsafe.
 *
 * @param what Who would listen.
 * @param hostname Where.
 * @throws {TypeError} If strangers could connect, or our own nodes speak TLS there.
 */
export function checkPhp(
  what: string,
  hostname: string,
  { lanCert, lanCa, lanAllow = [], insecure, phpSecretKey = "" }:
    PhpTrustOptions,
): void {
  if (lanCert !== undefined || lanCa !== undefined) {
    throw new TypeError(
      `Cannot start ${what} for PHP nodes (--php-peers) with TLS for nodes (--lan-cert, --lan-ca): they do not speak it, and there is no mixture on one port`,
    );
  }
  if (lanAllow.length === 0 && !isLoopback(hostname)) {
    throw new TypeError(
      `Cannot start ${what} for PHP nodes (--php-peers) on ${hostname} without a list of networks that they may come from: give --lan-allow, since whoever is on the way can read their key`,
    );
  }
  if (phpSecretKey === "" && !insecure && !isLoopback(hostname)) {
    throw new TypeError(
      `Cannot start ${what} for PHP nodes (--php-peers) on ${hostname} as other machines reach it and they have no key: give one (GATEWAYWORKER_PHP_SECRET_KEY), or say with --insecure that whoever may reach the port may read, send and close everything`,
    );
  }
}

/**
 * Refuses a key for nodes of the original that is one of our own, since it crosses the
 * network in clear.
 *
 * @param trust The keys of our own nodes.
 * @param phpSecretKey The key of those of the original.
 * @throws {TypeError} If it is one of them.
 */
export function checkPhpKey(
  { secretKeys }: Pick<Trust, "secretKeys">,
  phpSecretKey: string,
): void {
  if (!secretKeys.includes(phpSecretKey)) return;
  throw new TypeError(
    "Cannot use the secret key of our own nodes for PHP nodes, which send it in clear: give --php-secret-key another one",
  );
}
