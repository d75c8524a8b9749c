import { isIP } from "node:net";
import type { AddressSet } from "../../base/address_set.ts";
import type { UpgradeRequest } from "../connection.ts";

/**
 * Finds out who a client is behind proxies: the last address of `X-Forwarded-For`
 * that is not itself a proxy of ours. What stands before it anybody may have written.
 *
 * @param request The client's.
 * @param peer The address that connected to us, without port.
 * @param trusted The proxies that are believed.
 * @returns The client's address without port; `peer` if there is no reason to doubt.
 */
export function clientHost(
  { headers }: UpgradeRequest,
  peer: string,
  trusted: AddressSet,
): string {
  if (!trusted.has(peer)) return peer;
  const hops = headers
    .filter(([name]) => name === "x-forwarded-for")
    .flatMap(([, value]) => value.split(","))
    .map((hop) => hostOf(hop.trim()));
  let host = peer;
  for (const hop of hops.reverse()) {
    if (isIP(hop) === 0) return host;
    host = hop;
    if (!trusted.has(hop)) return host;
  }
  return host;
}

/** Drops the port that some proxies add, and the brackets. */
function hostOf(hop: string): string {
  const [, ipv6, ipv4] =
    /^\[([^\]]*)\](?::\d+)?$|^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(hop) ?? [];
  return ipv6 ?? ipv4 ?? hop;
}
