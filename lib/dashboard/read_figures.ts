/**
 * Reads what nodes report: a node may be older or newer than this one, or broken, and
 * must not break the page of all others.
 *
 * @module
 */

/** Longest text that is shown, in UTF-16 units. */
const MAX_TEXT = 300;

/** Returns a number; 0 if there is none. */
export function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** Returns a text of bounded length; empty if there is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, MAX_TEXT) : "";
}

/** Returns a list; an empty one if there is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Returns the fields of an object; none if it is none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
