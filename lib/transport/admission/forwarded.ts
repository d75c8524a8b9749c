import type { Address } from "../../base/address.ts";
import type { AddressSet } from "../../base/address_set.ts";
import { canonicalIp } from "../../base/ip_address.ts";
import type { UpgradeRequest } from "../connection.ts";
import { ListReader } from "../list_reader.ts";

/** The header in which most proxies say who the client is. */
export const FORWARDED_HEADER = "X-Forwarded-For";

/** Whose word on clients is taken, and where it stands. */
export interface ForwardedRules {
  /** The proxies that are believed. */
  readonly trusted: AddressSet;
  /** The header, in lower case: `forwarded` is read as RFC 7239 says, all others as a list of addresses. */
  readonly forwardedHeader: string;
}

/**
 * Finds out who a client is behind proxies: the last address that they name which is
 * not itself a proxy of ours. What stands before it anybody may have written, so the
 * header is read from its end, and nothing before an unreadable part is looked at.
 *
 * @param request The client's.
 * @param peer Who connected to us.
 * @param rules Who is believed.
 * @returns The client's address, its port 0 if nobody told it; `peer` if there is no
 *   reason to doubt.
 */
export function clientAddress(
  { headers }: UpgradeRequest,
  peer: Address,
  { trusted, forwardedHeader }: ForwardedRules,
): Address {
  if (!trusted.has(peer.hostname)) return peer;
  const nodeOf = forwardedHeader === "forwarded" ? forOf : withoutQuotes;
  let found = peer;
  for (const [name, value] of headers.toReversed()) {
    if (name !== forwardedHeader) continue;
    for (const element of elementsFromEnd(value)) {
      const hop = readNode(nodeOf(element));
      if (hop === undefined) return found;
      found = hop;
      if (!trusted.has(hop.hostname)) return found;
    }
  }
  return found;
}

/**
 * The elements of a list, the last one first, empty ones left out. Quoted text is
 * taken together, from the end as well: an opening mark that a client never closed
 * cannot hide what a proxy wrote behind it.
 */
function* elementsFromEnd(value: string): Generator<string> {
  let isQuoted = false;
  let end = value.length;
  for (let at = end - 1; at >= -1; at--) {
    if (value[at] === '"' && !isEscaped(value, at)) isQuoted = !isQuoted;
    if (at >= 0 && (isQuoted || value[at] !== ",")) continue;
    const element = value.slice(at + 1, end).trim();
    end = at;
    if (element !== "") yield element;
  }
}

/** Whether an odd number of backslashes stands before a mark. */
function isEscaped(value: string, at: number): boolean {
  let start = at;
  while (value[start - 1] === "\\") start--;
  return (at - start) % 2 === 1;
}

/** Whom an element of `Forwarded` is for (RFC 7239, section 4); empty if it cannot be read. */
function forOf(element: string): string {
  const reader = new ListReader(element);
  let node: string | undefined;
  do {
    const name = reader.token().toLowerCase();
    // A pair may be empty.
    if (name === "") continue;
    if (!reader.take("=")) return "";
    const value = reader.take('"') ? reader.quoted() : reader.token();
    if (value === undefined || (name === "for" && node !== undefined)) {
      return "";
    }
    if (name === "for") node = value;
  } while (reader.take(";"));
  return reader.isAtEnd ? node ?? "" : "";
}

function withoutQuotes(element: string): string {
  return element.startsWith('"') ? element.replace(/^"|"$/g, "") : element;
}

/** An address, in brackets or not, and a port that may be there, or be kept secret. */
const NODE =
  /^(?:\[([\da-f:.]+(?:%[\w.-]+)?)\]|([\d.]+))(?::(?:(\d{1,5})|_[\w.-]+))?$/i;

function readNode(node: string): Address | undefined {
  const [, ipv6, ipv4, digits = "0"] = NODE.exec(node) ?? [];
  const hostname = canonicalIp(ipv6 ?? ipv4 ?? node);
  if (hostname === undefined) return undefined;
  const port = Number(digits);
  return { hostname, port: port <= 65_535 ? port : 0 };
}
