import { isIP } from "node:net";

/** Words of 16 bits that an IPv6 address has. */
const WORDS = 8;

/**
 * Returns the one form that an IP address has here, however it was written: IPv4 with
 * dots, also where it came as IPv6 (`::ffff:10.0.0.7`); IPv6 in lower case, without
 * zeros in front, its longest run of zeros as `::` (RFC 5952). A zone stays.
 *
 * @param text Without brackets and port.
 * @returns That form; `undefined` if it is no address.
 */
export function canonicalIp(text: string): string | undefined {
  switch (isIP(text)) {
    case 4:
      return text;
    case 6: {
      const [address = "", zone] = text.split("%");
      const plain = formatWords(wordsOf(address));
      return zone === undefined || isIP(plain) === 4
        ? plain
        : `${plain}%${zone}`;
    }
    default:
      return undefined;
  }
}

/**
 * Returns what stands for all addresses of one client or machine: the first bits of an
 * address, as the rest of it is its own to choose, or its neighbours'.
 *
 * @param host An address; anything else stands for itself.
 * @param bits How many bits of IPv6, 1 to 128; commonly 64.
 * @param bits4 How many bits of IPv4, 1 to 32.
 */
export function networkOf(host: string, bits = 64, bits4 = 32): string {
  const address = canonicalIp(host)?.replace(/%.*/s, "");
  if (address === undefined) return host;
  if (!address.includes(":")) return networkOf4(address, bits4);
  if (bits === 128) return address;
  const words = wordsOf(address).map((word, i) => {
    const kept = Math.min(Math.max(bits - 16 * i, 0), 16);
    return word & 0xffff << 16 - kept;
  });
  return `${formatWords(words)}/${bits}`;
}

function networkOf4(address: string, bits: number): string {
  if (bits === 32) return address;
  const bytes = address.split(".").map((byte, i) => {
    const kept = Math.min(Math.max(bits - 8 * i, 0), 8);
    return Number(byte) & 0xff << 8 - kept;
  });
  return `${bytes.join(".")}/${bits}`;
}

/** Writes the 4 or 16 bytes of an address in the form of {@linkcode canonicalIp}. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return formatWords(
    Array.from({ length: WORDS }, (_, i) => view.getUint16(2 * i)),
  );
}

/** Takes an IPv6 address apart, which must be one. */
function wordsOf(address: string): number[] {
  const [before = "", after] = address.split("::");
  const head = wordsOfPart(before);
  const tail = wordsOfPart(after ?? "");
  const gap = new Array<number>(WORDS - head.length - tail.length).fill(0);
  return [...head, ...gap, ...tail];
}

function wordsOfPart(part: string): number[] {
  if (part === "") return [];
  return part.split(":").flatMap((word) => {
    if (!word.includes(".")) return parseInt(word, 16);
    const [a = 0, b = 0, c = 0, d = 0] = word.split(".").map(Number);
    return [a << 8 | b, c << 8 | d];
  });
}

function formatWords(words: readonly number[]): string {
  const isMapped = words[5] === 0xffff && !words.slice(0, 5).some(Boolean);
  if (isMapped) {
    return words.slice(6).map((word) => `${word >> 8}.${word & 255}`).join(".");
  }
  const { start, length } = longestZeros(words);
  const hex = (some: readonly number[]) =>
    some.map((word) => word.toString(16)).join(":");
  if (length < 2) return hex(words);
  return `${hex(words.slice(0, start))}::${hex(words.slice(start + length))}`;
}

/** The longest run of zeros, the first of equal ones. */
function longestZeros(words: readonly number[]) {
  let longest = { start: 0, length: 0 };
  let length = 0;
  for (const [i, word] of words.entries()) {
    length = word === 0 ? length + 1 : 0;
    if (length > longest.length) longest = { start: i + 1 - length, length };
  }
  return longest;
}
