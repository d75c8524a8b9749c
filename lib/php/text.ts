/** The first of the code units that stand for bytes which are no UTF-8. */
const ESCAPES = 0xdc00;

const fatalDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Bytes 0x80 to 0xff that stand alone in a text; half of a pair is none of them. */
const ESCAPED = /[\udc80-\udcff]/u;

/**
 * Reads a PHP string, which is bytes and need not be text. UTF-8 is read as what it
 * says; each byte that is none becomes a lone U+DC80 to U+DCFF, which no UTF-8 says. So
 * every string has a text of its own, and {@linkcode bytesOf} gives the same bytes back.
 *
 * @param bytes The string. Not kept.
 */
export function textOf(bytes: Uint8Array): string {
  try {
    return fatalDecoder.decode(bytes);
  } catch {
    return escaped(bytes);
  }
}

/** Writes a text of {@linkcode textOf}; any other lone half of a pair becomes U+FFFD. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  if (!isBinary(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (character.length === 1 && code >= 0xdc80 && code <= 0xdcff) {
      bytes.push(code - ESCAPES);
    } else {
      bytes.push(...encoder.encode(character));
    }
  }
  return new Uint8Array(bytes);
}

/** Whether a text of {@linkcode textOf} stands for bytes that are no UTF-8. */
export function isBinary(text: string): boolean {
  return ESCAPED.test(text);
}

function escaped(bytes: Uint8Array): string {
  let text = "";
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const length = lengthOfCharacter(bytes, at);
    if (length === 0) {
      text += fatalDecoder.decode(bytes.subarray(start, at));
      text += String.fromCharCode(ESCAPES + (bytes[at] as number));
      start = at + 1;
    }
    at += Math.max(length, 1);
  }
  return text + fatalDecoder.decode(bytes.subarray(start));
}

/** Bytes of the UTF-8 character at a place; 0 if there is none (RFC 3629, section 4). */
function lengthOfCharacter(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i] ?? 0;
    const [low, high] = i === 1 ? secondBytes(first) : [0x80, 0xbf];
    if (next < low || next > high) return 0;
  }
  return length;
}

/** What may follow a first byte, so that nothing is said in more bytes than it needs. */
function secondBytes(first: number): [low: number, high: number] {
  switch (first) {
    case 0xe0:
      return [0xa0, 0xbf];
    case 0xed:
      return [0x80, 0x9f];
    case 0xf0:
      return [0x90, 0xbf];
    case 0xf4:
      return [0x80, 0x8f];
    default:
      return [0x80, 0xbf];
  }
}
