/** One range of IP addresses. */
interface Range {
  /** The bytes that all its addresses begin with. */
  readonly bytes: Uint8Array;
  /** How many bits count. */
  readonly bits: number;
}

/** The prefix of an IPv4 address that is written as IPv6: `::ffff:10.0.0.7`. */
const MAPPED_PREFIX = "0,0,0,0,0,0,0,0,0,0,255,255";

/** A set of IP addresses, given as ranges such as `10.0.0.0/8`. */
export class AddressSet {
  readonly #ranges: readonly Range[];

  /**
   * @param ranges Addresses, or ranges in CIDR notation; IPv4 and IPv6.
   * @throws {TypeError} If one of them is none.
   */
  constructor(ranges: readonly string[]) {
    this.#ranges = ranges.map(parseRange);
  }

  /** Whether it holds no address. */
  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** Whether an address is in it; whatever is no address is not. */
  has(address: string): boolean {
    if (this.isEmpty) return false;
    const bytes = parseIp(address);
    return bytes !== undefined &&
      this.#ranges.some((range) => isInRange(bytes, range));
  }
}

/**
 * Reads an IP address.
 *
 * @param text IPv4 or IPv6, without brackets; a zone is left out of account.
 * @returns 4 or 16 bytes, 4 for an IPv4 address in IPv6 form; `undefined` if it is
 *   none.
 */
export function parseIp(text: string): Uint8Array | undefined {
  if (!text.includes(":")) return parseIpv4(text);
  const bytes = parseIpv6(text.replace(/%.*/s, ""));
  const isMapped = bytes?.subarray(0, 12).join() === MAPPED_PREFIX;
  return isMapped ? bytes?.subarray(12) : bytes;
}

function parseRange(text: string): Range {
  const [address = "", length, rest] = text.split("/");
  const bytes = parseIp(address);
  const most = (bytes?.length ?? 0) * 8;
  const bits = length === undefined ? most : Number(length);
  const isNumber = length === undefined || /^\d{1,3}$/.test(length);
  if (
    bytes === undefined || rest !== undefined || !isNumber || bits > most
  ) {
    throw new TypeError(
      `Cannot read address range as it must be like "10.0.0.0/8" or "fd00::/8": current value is "${text}"`,
    );
  }
  return { bytes, bits };
}

function isInRange(address: Uint8Array, { bytes, bits }: Range): boolean {
  if (address.length !== bytes.length) return false;
  for (let bit = 0; bit < bits; bit += 8) {
    const at = bit >> 3;
    const mask = bits - bit >= 8 ? 0xff : 0xff << (8 - (bits - bit));
    const difference = (address[at] ?? 0) ^ (bytes[at] ?? 0);
    if ((difference & mask & 0xff) !== 0) return false;
  }
  return true;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  const isFine = parts.length === 4 &&
    parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && +part < 256);
  return isFine ? Uint8Array.from(parts, Number) : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const [before = "", after, rest] = text.split("::");
  const head = parseWords(before);
  const tail = after === undefined ? [] : parseWords(after);
  if (head === undefined || tail === undefined || rest !== undefined) {
    return undefined;
  }
  const gap = 16 - head.length - tail.length;
  if (after === undefined ? gap !== 0 : gap < 2) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(gap).fill(0), ...tail]);
}

/** Reads words of hexadecimal digits, the last two perhaps as an IPv4 address. */
function parseWords(text: string): number[] | undefined {
  if (text === "") return [];
  const words = text.split(":");
  const last = words.at(-1) ?? "";
  const ipv4 = last.includes(".") ? parseIpv4(last) : undefined;
  if (ipv4 !== undefined) words.pop();
  if (!words.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word))) return undefined;
  const bytes = words.flatMap((word) => {
    const value = parseInt(word, 16);
    return [value >> 8, value & 0xff];
  });
  return [...bytes, ...ipv4 ?? []];
}
