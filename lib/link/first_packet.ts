import { Command } from "../wire/command.ts";
import { HEADER_LENGTH } from "../wire/frame.ts";

/** Bytes that tell who has connected; whoever may connect begins with more. */
export const FIRST_LENGTH: number = HEADER_LENGTH + 1;

/** What a CBOR map begins with: its upper three bits. */
const CBOR_MAP = 0b101;

/**
 * Whether somebody begins as nodes of our own kind do. The original's greeting has the
 * number of our Hello, too, but where the map of a Hello begins it has zeros.
 *
 * @param first The first {@linkcode FIRST_LENGTH} bytes.
 */
export function isHello(first: Uint8Array): boolean {
  const [bodyBegin = 0] = first.subarray(HEADER_LENGTH);
  return first[4] === Command.Hello && bodyBegin >>> 5 === CBOR_MAP;
}
