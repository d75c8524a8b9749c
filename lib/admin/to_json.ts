/**
 * Turns what a session may hold into what JSON can say, for people and for programs
 * in any language: dates as ISO 8601, bytes as base64, bigints as digits, sets and
 * typed arrays as lists, maps as objects. Not made to be turned back.
 *
 * @param value Whatever the cluster API returns.
 * @returns The same, as `JSON.stringify` takes it.
 */
export function toJson(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? null : value.toISOString();
  }
  if (value instanceof Uint8Array) return value.toBase64();
  if (value instanceof Map) {
    return toObject([...value].map(([key, item]) => [String(key), item]));
  }
  if (value instanceof Set || ArrayBuffer.isView(value)) {
    return Array.from(value as unknown as Iterable<unknown>, toJson);
  }
  if (Array.isArray(value)) return value.map(toJson);
  return toObject(Object.entries(value));
}

/**
 * Decodes base64.
 *
 * @throws {TypeError} If it is none.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(text);
  } catch (cause) {
    throw new TypeError("Cannot read message as its bytes must be base64", {
      cause,
    });
  }
}

/** Without prototype: any name may be a key. What is undefined is left out, as JSON does. */
function toObject(entries: [string, unknown][]): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) {
    if (value !== undefined) object[key] = toJson(value);
  }
  return object;
}
