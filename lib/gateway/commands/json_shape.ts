/** Bytes of JSON that are looked at; of what is longer nothing is told. */
const MAX_JSON = 8_192;

/** How deep, and how many keys of each object. */
const [MAX_DEPTH, MAX_KEYS, MAX_KEY] = [3, 16, 32];

const decoder = new TextDecoder();

/**
 * Tells what some JSON is like, by its keys and the types of its values, and nothing of
 * what they are; `undefined` for what is no JSON object or list, or long.
 */
export function shapeOfJson(bytes: Uint8Array): string | undefined {
  const first = bytes[0];
  const mayBe = first === 0x7b || first === 0x5b;
  if (!mayBe || bytes.length > MAX_JSON) return undefined;
  try {
    return shapeOf(JSON.parse(decoder.decode(bytes)), 0);
  } catch {
    // It only looked like JSON.
    return undefined;
  }
}

function shapeOf(value: unknown, depth: number): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  if (Array.isArray(value)) {
    const some = value.length > 0 && depth < MAX_DEPTH
      ? ` of ${shapeOf(value[0], depth + 1)}`
      : "";
    return `list(${value.length})${some}`;
  }
  const keys = Object.keys(value);
  if (depth >= MAX_DEPTH) return `object(${keys.length})`;
  const shown = keys.slice(0, MAX_KEYS).map((key) => {
    const short = key.length > MAX_KEY ? `${key.slice(0, MAX_KEY)}…` : key;
    const shape = shapeOf((value as Record<string, unknown>)[key], depth + 1);
    return `${JSON.stringify(short)}: ${shape}`;
  });
  const more = keys.length - shown.length;
  return `{${[...shown, ...more > 0 ? [`${more} more`] : []].join(", ")}}`;
}
