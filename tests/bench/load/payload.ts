/**
 * What a bench message says, in letters that need no escaping in JSON:
 *
 * | at | letters | what |
 * | -: | ------: | ---- |
 * | 0  | 4 | index of the client that sent it |
 * | 4  | 7 | its number: 0, 1, 2 … for each sender |
 * | 11 | 4 | whom it is for: index of a client or number of a group |
 * | 15 | – | filler |
 *
 * Hot: `readDigits` runs for every message received.
 *
 * @module
 */

/** Where the sender's index starts. */
export const SENDER_AT = 0;
/** Letters of a client's index, or of a group's number. */
export const INDEX_DIGITS = 4;
/** Where the message's number starts. */
export const SEQUENCE_AT = 4;
/** Letters of a message's number. */
export const SEQUENCE_DIGITS = 7;
/** Where the target starts. */
export const TARGET_AT = 11;
/** Bytes that every message has at least. */
export const MIN_SIZE = 16;
/** Bytes that are enough to know a message. */
export const HEAD_SIZE = 11;

/** The letter that stands for digit 0; the letter of digit 15 is "p". */
export const ZERO = 97;

const encoder = new TextEncoder();

/** Writes a number in base 16, with the letters "a" to "p". */
export function encodeDigits(value: number, digits: number): string {
  let text = "";
  for (let shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    text += String.fromCharCode(ZERO + ((value >>> shift) & 15));
  }
  return text;
}

/**
 * Reads a number that {@linkcode encodeDigits} wrote.
 *
 * @returns The number; -1 if there is any other byte among the letters.
 */
export function readDigits(
  bytes: Uint8Array,
  at: number,
  digits: number,
): number {
  let value = 0;
  let seen = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = (bytes[i] as number) - ZERO;
    seen |= digit;
    value = value << 4 | digit & 15;
  }
  return (seen & ~15) === 0 ? value : -1;
}

/** Builds a message with number 0. */
export function encodePayload(
  sender: number,
  target: number,
  size: number,
): Uint8Array {
  if (size < MIN_SIZE) {
    throw new RangeError(
      `Cannot build message as size must be >= ${MIN_SIZE}: current value is ${size}`,
    );
  }
  const head = encodeDigits(sender, INDEX_DIGITS) +
    encodeDigits(0, SEQUENCE_DIGITS) + encodeDigits(target, INDEX_DIGITS);
  return encoder.encode(head.padEnd(size, "z"));
}
