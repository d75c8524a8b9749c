/**
 * The frames of `gatewayworker.v1`, as PROTOCOL.md has them: a text message is a letter
 * and the rest, a binary one a byte and the rest.
 *
 * @module
 */
import { isObject } from "../../base/is_object.ts";
import { parseJson } from "../../base/parse_json.ts";

/** The sub-protocol that a client offers whose session may outlive its socket. */
export const LASTING_SUBPROTOCOL = "gatewayworker.v1";

/** What the first byte of a text message means. */
export const Letter = {
  Hello: code("h"),
  Welcome: code("w"),
  Message: code("m"),
  Request: code("q"),
  Reply: code("r"),
  Error: code("e"),
  Part: code("s"),
  Cancel: code("k"),
  Gap: code("g"),
  Acknowledge: code("a"),
  Ping: code("p"),
  Later: code("x"),
  Credential: code("t"),
  Goodbye: code("b"),
  Trace: code("c"),
} as const;

/** What the first byte of a binary message means. */
export const BinaryLetter = {
  Message: 1,
  Reply: 2,
} as const;

/** A client says who it is, and what it has. */
export interface Hello {
  /** Names its session; empty for a new one. */
  readonly token: string;
  /** Counted frames that it has received in that session. */
  readonly received: number;
  /** What it says of itself; `undefined` for nothing. */
  readonly credential: unknown;
}

/** Most digits of a counter: the numbers that JavaScript has whole. */
const MAX_DIGITS = 15;

const ZERO = 48;

/** Reads a hello; `undefined` if it is none. */
export function readHello(text: string): Hello | undefined {
  const fields = readJson(text);
  if (!isObject(fields)) return undefined;
  const { t: token = "", r: received = 0, a: credential } = fields;
  if (typeof token !== "string" || !isCounter(received)) return undefined;
  return { token, received, credential };
}

/** Reads JSON of a client's; `undefined` if it is none. */
export function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // Whatever is wrong with it, the client is told that it cannot be read.
    return undefined;
  }
}

function isCounter(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Hot: reads the digits of `buffer[start, end)`; −1 if they are no counter. */
export function readCounter(
  buffer: Uint8Array,
  start: number,
  end: number,
): number {
  if (end === start || end - start > MAX_DIGITS) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (buffer[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function code(letter: string): number {
  return letter.charCodeAt(0);
}
