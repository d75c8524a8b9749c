import { isTraceparent, TRACEPARENT_LENGTH } from "../../base/trace_context.ts";
import { BinaryLetter, Letter } from "./letters.ts";

const LINE_FEED = 10;

/** Most bytes of the first line of a typed frame: letter, id, space, name in UTF-8. */
const MAX_LINE = 1 + 32 + 1 + 4 * 128;

const ID = /^[A-Za-z0-9_-]{1,32}$/;

/** Ids that a gateway makes begin with a dot, which no client's may. */
const ANY_ID = /^\.?[A-Za-z0-9_-]{1,64}$/;

/** What follows the id of a request: 1 to 128 characters, none of them blank or control. */
const NAME = /^[^\s\p{Cc}]{1,128}$/u;

/** The code of an error. */
const CODE = /^[a-z0-9-]{1,64}$/;

const decoder = new TextDecoder();

/**
 * Whether the first line of a typed frame in `buffer[start, end)` is one that a client
 * may send.
 */
export function isTypedHeader(
  buffer: Uint8Array,
  start: number,
  end: number,
): boolean {
  const line = lineOf(buffer, start + 1, end);
  if (line === undefined) return false;
  const space = line.indexOf(" ");
  const id = space < 0 ? line : line.slice(0, space);
  const word = space < 0 ? undefined : line.slice(space + 1);
  return isHeader(buffer[start] as number, id, word);
}

function isHeader(
  letter: number,
  id: string,
  word: string | undefined,
): boolean {
  switch (letter) {
    case Letter.Request:
      return ID.test(id) && word !== undefined && NAME.test(word);
    case Letter.Cancel:
      return ID.test(id) && id !== "0" && word === undefined;
    case Letter.Error:
      return ANY_ID.test(id) && word !== undefined && CODE.test(word);
    case Letter.Reply:
    case Letter.Part:
    case BinaryLetter.Reply:
      return ANY_ID.test(id) && word === undefined;
    default:
      return false;
  }
}

function lineOf(
  buffer: Uint8Array,
  start: number,
  end: number,
): string | undefined {
  const last = Math.min(end, start + MAX_LINE);
  let at = start;
  while (at < last && buffer[at] !== LINE_FEED) at++;
  if (at === last && last < end) return undefined;
  return decoder.decode(buffer.subarray(start, at));
}

/** Whether a byte is the letter of a typed frame. */
export function isTyped(letter: number): boolean {
  return letter === Letter.Request || letter === Letter.Reply ||
    letter === Letter.Error || letter === Letter.Part ||
    letter === Letter.Cancel;
}

/** Reads a `traceparent`; `undefined` if it is none. */
export function readTraceparent(
  buffer: Uint8Array,
  start: number,
  end: number,
): string | undefined {
  if (end - start !== TRACEPARENT_LENGTH) return undefined;
  const text = decoder.decode(buffer.subarray(start, end));
  return isTraceparent(text) ? text : undefined;
}
