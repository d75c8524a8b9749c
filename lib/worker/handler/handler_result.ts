/**
 * Says what a handler returned where that is no message, and not nothing either: it was
 * meant for the client, who does not get it.
 *
 * @param result Neither a string nor bytes.
 * @returns `an object`, `a number`; `undefined` if nothing was meant.
 */
export function mistakenResult(result: unknown): string | undefined {
  if (result === undefined || result === null) return undefined;
  if (typeof result === "boolean") return undefined;
  if (Array.isArray(result)) return "an array";
  if (result instanceof ArrayBuffer) return "an ArrayBuffer";
  return typeof result === "object" ? "an object" : `a ${typeof result}`;
}
