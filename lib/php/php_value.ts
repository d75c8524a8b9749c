/** A PHP float, also where its value is whole: `1.0` is not `1` there. */
export class PhpFloat {
  /** The number; may be infinite, or NaN. */
  readonly value: number;

  /** @param value The number. */
  constructor(value: number) {
    this.value = value;
  }
}

/** What PHP has and we have not: kept as the bytes that it came in. */
export type PhpOpaqueKind = "object" | "custom object" | "enum" | "reference";

/** An object, an enum or a reference: it can be kept, and sent back, but not read. */
export class PhpOpaque {
  /** What it is. */
  readonly kind: PhpOpaqueKind;
  /** As it was serialized. */
  readonly bytes: Uint8Array;
  /**
   * Whether it counts, or may count, what stands before it in the whole value: then it
   * means something else in any other.
   */
  readonly hasReference: boolean;

  /** Keeps what cannot be read; the bytes are kept as they are. */
  constructor(kind: PhpOpaqueKind, bytes: Uint8Array, hasReference: boolean) {
    this.kind = kind;
    this.bytes = bytes;
    this.hasReference = hasReference;
  }
}

/**
 * An array, in its order. Keys are texts; those of {@linkcode isIntKey} are PHP's
 * integers, as PHP itself has it: there is no `"7"` beside `7`.
 */
export type PhpArray = Map<string, PhpValue>;

/**
 * What PHP's `serialize` writes, nothing lost: a `number` is an integer that a double
 * holds exactly, a `bigint` one that it may not (64 bits), and a `string` any bytes, as
 * `textOf` reads them.
 */
export type PhpValue =
  | null
  | boolean
  | number
  | bigint
  | PhpFloat
  | string
  | PhpArray
  | PhpOpaque;

/** The least integer that PHP has. */
export const MIN_INT = -(2n ** 63n);

/** The greatest integer that PHP has. */
export const MAX_INT: bigint = 2n ** 63n - 1n;

/** Whether a key of an array is an integer to PHP: a canonical one, within 64 bits. */
export function isIntKey(key: string): boolean {
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(key)) return false;
  return key.length < 19 || isInt(BigInt(key));
}

/** Whether PHP has an integer of this value. */
export function isInt(value: bigint): boolean {
  return value >= MIN_INT && value <= MAX_INT;
}

/** Returns an integer as a {@linkcode PhpValue} has it. */
export function intOf(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Returns an array with the keys 0, 1, 2 and so on. */
export function listOf(values: Iterable<PhpValue>): PhpArray {
  const list: PhpArray = new Map();
  for (const value of values) list.set(String(list.size), value);
  return list;
}

/** Returns an array with the keys of a record, in their order. */
export function arrayOf(record: Readonly<Record<string, PhpValue>>): PhpArray {
  return new Map(Object.entries(record));
}

/** Whether the keys are 0, 1, 2 and so on, in this order. */
export function isList(array: PhpArray): boolean {
  let next = 0;
  for (const key of array.keys()) if (key !== String(next++)) return false;
  return true;
}

/** Whether anything in a value counts what stands before it. */
export function hasReference(value: PhpValue): boolean {
  if (value instanceof PhpOpaque) return value.hasReference;
  return value instanceof Map && [...value.values()].some(hasReference);
}
