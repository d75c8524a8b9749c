import { isIP } from "node:net";
import { canonicalIp, formatIp } from "../../base/ip_address.ts";

/** Most bytes of a header in text (PROXY protocol, section 2.1). */
const MAX_TEXT_SIZE = 107;

/** What a binary header begins with (section 2.2). */
const SIGNATURE = Uint8Array.of(
  ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a],
);

/** Bytes before the addresses of a binary header. */
const FIXED_SIZE = 16;

/** Most bytes of a binary header's addresses and additions; more is no proxy's. */
const MAX_VARIABLE_SIZE = 4_096;

const LF = 10;

const TEXT =
  /^PROXY (?:UNKNOWN[^\r\n]*|TCP([46]) ([\da-fA-F:.]+) ([\da-fA-F:.]+) (\d{1,5}) (\d{1,5}))\r\n$/;

/** What the first bytes of a connection amount to. */
export type ProxyHeader =
  | { readonly kind: "incomplete" }
  | { readonly kind: "malformed" }
  | {
    readonly kind: "header";
    /** The client's; `undefined` if the proxy speaks for itself. */
    readonly client: { hostname: string; port: number } | undefined;
    /** Bytes that the header took; the client's follow. */
    readonly size: number;
  };

const INCOMPLETE: ProxyHeader = { kind: "incomplete" };
const MALFORMED: ProxyHeader = { kind: "malformed" };

/**
 * Reads what a proxy says of a client before the client speaks: the PROXY protocol,
 * version 1 or 2. Pure: no I/O.
 *
 * @param buffer Holds all bytes so far in `[start, end)`.
 */
export function readProxyHeader(
  buffer: Uint8Array,
  start: number,
  end: number,
): ProxyHeader {
  if (start === end) return INCOMPLETE;
  return buffer[start] === SIGNATURE[0]
    ? readBinary(buffer.subarray(start, end))
    : readText(buffer.subarray(start, end));
}

function readText(bytes: Uint8Array): ProxyHeader {
  const head = bytes.subarray(0, MAX_TEXT_SIZE);
  const size = head.indexOf(LF) + 1;
  const text = String.fromCharCode(...size > 0 ? head.subarray(0, size) : head);
  if (size === 0) {
    const isPossible = "PROXY ".startsWith(text.slice(0, 6)) &&
      head.length < MAX_TEXT_SIZE;
    return isPossible ? INCOMPLETE : MALFORMED;
  }
  const [match, family, ...ends] = TEXT.exec(text) ?? [];
  if (match === undefined) return MALFORMED;
  if (family === undefined) return { kind: "header", client: undefined, size };
  const [source = "", target = "", ...ports] = ends;
  const areAddresses = [source, target].every((ip) => `${isIP(ip)}` === family);
  const arePorts = ports.every((port) => Number(port) <= 65_535);
  const hostname = canonicalIp(source);
  if (!areAddresses || !arePorts || hostname === undefined) return MALFORMED;
  return { kind: "header", client: { hostname, port: Number(ports[0]) }, size };
}

function readBinary(bytes: Uint8Array): ProxyHeader {
  const signed = Math.min(bytes.length, SIGNATURE.length);
  for (let i = 0; i < signed; i++) {
    if (bytes[i] !== SIGNATURE[i]) return MALFORMED;
  }
  if (bytes.length < FIXED_SIZE) return INCOMPLETE;
  const [version = 0, family = 0] = bytes.subarray(12);
  const length = (bytes[14] ?? 0) << 8 | (bytes[15] ?? 0);
  const isKnown = version === 0x20 || version === 0x21;
  if (!isKnown || length > MAX_VARIABLE_SIZE) return MALFORMED;
  const size = FIXED_SIZE + length;
  if (bytes.length < size) return INCOMPLETE;
  // LOCAL: the proxy checks our health, and there is no client.
  if (version === 0x20) return { kind: "header", client: undefined, size };
  return readAddress(bytes.subarray(FIXED_SIZE, size), family, size);
}

function readAddress(
  addresses: Uint8Array,
  family: number,
  size: number,
): ProxyHeader {
  const length = family === 0x11 ? 4 : family === 0x21 ? 16 : 0;
  if (length === 0) return { kind: "header", client: undefined, size };
  if (addresses.length < 2 * length + 4) return MALFORMED;
  const hostname = formatIp(addresses.subarray(0, length));
  const [high = 0, low = 0] = addresses.subarray(2 * length);
  return { kind: "header", client: { hostname, port: high << 8 | low }, size };
}
