/**
 * Hot: every byte from a WebSocket client passes here.
 *
 * @module
 */

/** Below this length a loop over bytes is as fast as one over words. */
const MIN_WORDWISE = 24;

/** The words of the buffer that was unmasked last: the next is likely the same. */
let words: Int32Array = new Int32Array(0);

/**
 * Removes the mask of `buffer[start, end)`, in place.
 *
 * @param buffer Holds the bytes and the masking key.
 * @param start Where the masked bytes begin.
 * @param end Where they end.
 * @param keyAt Where the four bytes of the key are.
 * @param phase How many bytes of the same frame were unmasked before.
 * @returns 0 if all bytes are ASCII.
 */
export function unmask(
  buffer: Uint8Array,
  start: number,
  end: number,
  keyAt: number,
  phase: number,
): number {
  const at = keyAt;
  let i = start;
  let seen = 0;
  if (end - start >= MIN_WORDWISE) {
    const base = buffer.byteOffset;
    while ((base + i & 3) !== 0) {
      seen |= buffer[i] = (buffer[i] as number) ^
        (buffer[at + (phase++ & 3)] as number);
      i++;
    }
    if (words.buffer !== buffer.buffer) words = wordsOf(buffer);
    const view = words;
    const key = wordAt(buffer, at, phase);
    const last = base + end >>> 2;
    let all = 0;
    for (let w = base + i >>> 2; w < last; w++) {
      all |= view[w] = (view[w] as number) ^ key;
    }
    seen |= all & 0x80808080 ? 0x80 : 0;
    i = (last << 2) - base;
  }
  for (; i < end; i++) {
    seen |= buffer[i] = (buffer[i] as number) ^
      (buffer[at + (phase++ & 3)] as number);
  }
  return seen & 0x80;
}

/** The key, turned to begin at a phase, as a word in the machine's own byte order. */
function wordAt(buffer: Uint8Array, at: number, phase: number): number {
  const a = buffer[at + (phase & 3)] as number;
  const b = buffer[at + (phase + 1 & 3)] as number;
  const c = buffer[at + (phase + 2 & 3)] as number;
  const d = buffer[at + (phase + 3 & 3)] as number;
  return IS_LITTLE_ENDIAN
    ? a | b << 8 | c << 16 | d << 24
    : d | c << 8 | b << 16 | a << 24;
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function wordsOf({ buffer }: Uint8Array): Int32Array {
  return new Int32Array(buffer, 0, buffer.byteLength >>> 2);
}
