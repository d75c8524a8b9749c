/**
 * What may be the name of a uid or a group, and how it travels as a payload.
 *
 * @module
 */
import { describe } from "../../base/describe.ts";

/** Most characters of a uid or of a group's name. */
export const MAX_NAME = 1_024;

/** A name may begin with U+FEFF, which a decoder by default takes for no part of it. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Decodes a name that is the payload of a frame. */
export function decodeName(payload: Uint8Array): string {
  return decoder.decode(payload);
}

/** Says what a value is that is no name, without what it says; nothing if it is one. */
export function faultOfName(name: unknown): string | undefined {
  if (typeof name !== "string") return describe(name);
  if (name === "") return "an empty text";
  if (name.length > MAX_NAME) return `a text of ${name.length} characters`;
  return name.isWellFormed() ? undefined : "a text that is not well-formed";
}
