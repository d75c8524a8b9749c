/**
 * Typed frames, as clients of the sub-protocol `gatewayworker.v1` and handlers exchange
 * them: a letter, an id, and what belongs to it. `PROTOCOL.md` has the table.
 *
 * @module
 */
import { failureText } from "./typed_text.ts";

/** The letter that a typed frame begins with, as a byte. */
export const Letter = {
  /** `q<id> <name>\n<json>`: a request; with the id `0` nobody waits for an answer. */
  Request: 0x71,
  /** `r<id>\n<json>`: the answer. */
  Reply: 0x72,
  /** `<2><id>\n<bytes>`: the answer, as bytes. */
  BinaryReply: 2,
  /** `e<id> <code>\n<json>`: there is no answer. */
  Failure: 0x65,
  /** `s<id>\n<json>`: a part of an answer, before its last word. */
  Part: 0x73,
  /** `k<id>`: nobody waits for the answer any more. */
  Cancel: 0x6b,
} as const;

/** The id of a request that nobody waits for an answer to. */
export const NO_ANSWER_ID = "0";

/** Why a request was not answered, where no handler said so itself. */
export type FailureCode =
  | "failed"
  | "unknown"
  | "too-many"
  | "timeout"
  | "cancelled"
  | "lost";

const SPACE = 0x20;
const LINE_FEED = 0x0a;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Returns the id in the typed frame `buffer[start, end)`. */
export function idOf(buffer: Uint8Array, start: number, end: number): string {
  let at = start + 1;
  let id = "";
  for (; at < end; at++) {
    const byte = buffer[at] as number;
    if (byte === SPACE || byte === LINE_FEED) break;
    id += String.fromCharCode(byte);
  }
  return id;
}

/** A typed frame, taken apart. */
export interface TypedFrame {
  /** The id. */
  readonly id: string;
  /** The name of a request, or the code of a failure; empty in others. */
  readonly name: string;
  /** Where the JSON begins; the end of the frame if it has none. */
  readonly body: number;
}

/** Takes the typed frame `buffer[start, end)` apart. */
export function readTyped(
  buffer: Uint8Array,
  start: number,
  end: number,
): TypedFrame {
  const line = buffer.indexOf(LINE_FEED, start);
  const lineEnd = line < 0 || line >= end ? end : line;
  const head = decoder.decode(buffer.subarray(start + 1, lineEnd));
  const space = head.indexOf(" ");
  return {
    id: space < 0 ? head : head.slice(0, space),
    name: space < 0 ? "" : head.slice(space + 1),
    body: Math.min(end, lineEnd + 1),
  };
}

/** Returns the frame that says that a request is not answered. */
export function encodeFailureFrame(
  id: string,
  code: FailureCode,
): Uint8Array<ArrayBuffer> {
  return encoder.encode(failureText(id, code));
}
