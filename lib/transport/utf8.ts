/**
 * Hot: text that is not ASCII passes here.
 *
 * @module
 */
import { isUtf8 } from "node:buffer";

/** Between two characters: where valid text begins and ends. */
export const UTF8_ACCEPT = 0;

/** Not UTF-8, whatever may follow. */
export const UTF8_REJECT = 8;

/** The states between: what the next byte must be (RFC 3629, section 4). */
const State = {
  /** One, two or three continuation bytes. */
  One: 1,
  Two: 2,
  Three: 3,
  /** After E0: A0 to BF, since anything less would be too long a form. */
  AfterE0: 4,
  /** After ED: 80 to 9F, since the rest are surrogates. */
  AfterEd: 5,
  /** After F0: 90 to BF, since anything less would be too long a form. */
  AfterF0: 6,
  /** After F4: 80 to 8F, since the rest is past U+10FFFF. */
  AfterF4: 7,
} as const;

const TRANSITIONS = makeTransitions();

/**
 * Fewer bytes are looked up one by one. 16 KiB of umlauts take 6 µs by the runtime's
 * own function and 29 by the table, 64 bytes 0.2 and 0.1.
 */
const MIN_NATIVE = 128;

/**
 * Validates `buffer[start, end)` as the next piece of a text.
 *
 * @param state What the piece before returned; `UTF8_ACCEPT` at the beginning.
 * @param buffer Holds the piece.
 * @param start Where it begins.
 * @param end Where it ends.
 * @returns `UTF8_REJECT` if the text is not UTF-8, `UTF8_ACCEPT` if it may end here.
 */
export function validateUtf8(
  state: number,
  buffer: Uint8Array,
  start: number,
  end: number,
): number {
  let at = start;
  while (at < end && state !== UTF8_ACCEPT) {
    state = TRANSITIONS[state << 8 | (buffer[at++] as number)] as number;
  }
  if (end - at >= MIN_NATIVE) {
    const last = lastCharacter(buffer, end);
    if (!isUtf8(buffer.subarray(at, last))) return UTF8_REJECT;
    at = last;
  }
  for (; at < end; at++) {
    state = TRANSITIONS[state << 8 | (buffer[at] as number)] as number;
  }
  return state;
}

/** Where the last character begins, which may lack bytes; `end` if none can be seen. */
function lastCharacter(buffer: Uint8Array, end: number): number {
  for (let at = end - 1; at >= end - 4; at--) {
    if (((buffer[at] as number) & 0xc0) !== 0x80) return at;
  }
  return end;
}

/** One row of 256 for each state; whatever is not set is a reject. */
function makeTransitions(): Uint8Array {
  const table = new Uint8Array(9 * 256).fill(UTF8_REJECT);
  const set = (state: number, from: number, to: number, next: number) =>
    table.fill(next, state << 8 | from, (state << 8 | to) + 1);
  set(UTF8_ACCEPT, 0x00, 0x7f, UTF8_ACCEPT);
  set(UTF8_ACCEPT, 0xc2, 0xdf, State.One);
  set(UTF8_ACCEPT, 0xe0, 0xe0, State.AfterE0);
  set(UTF8_ACCEPT, 0xe1, 0xef, State.Two);
  set(UTF8_ACCEPT, 0xed, 0xed, State.AfterEd);
  set(UTF8_ACCEPT, 0xf0, 0xf0, State.AfterF0);
  set(UTF8_ACCEPT, 0xf1, 0xf3, State.Three);
  set(UTF8_ACCEPT, 0xf4, 0xf4, State.AfterF4);
  set(State.One, 0x80, 0xbf, UTF8_ACCEPT);
  set(State.Two, 0x80, 0xbf, State.One);
  set(State.Three, 0x80, 0xbf, State.Two);
  set(State.AfterE0, 0xa0, 0xbf, State.One);
  set(State.AfterEd, 0x80, 0x9f, State.One);
  set(State.AfterF0, 0x90, 0xbf, State.Two);
  set(State.AfterF4, 0x80, 0x8f, State.Two);
  return table;
}
