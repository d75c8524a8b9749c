import { joined } from "../base/joined.ts";
import {
  isInt,
  isIntKey,
  type PhpArray,
  PhpFloat,
  PhpOpaque,
  type PhpValue,
} from "./php_value.ts";
import { bytesOf } from "./text.ts";

/** Digits before the point from which on PHP writes an exponent. */
const MAX_POINT = 17;

/** Zeros behind the point from which on it does. */
const MIN_POINT = -3;

const encoder = new TextEncoder();

/**
 * Writes a value as PHP's `serialize` does, floats with the fewest digits that say them
 * (`serialize_precision` -1).
 *
 * @param value What to write.
 * @returns The bytes.
 * @throws {RangeError} If an integer has more than 64 bits, or a `number` is none: a
 * fraction is a {@linkcode PhpFloat}.
 */
export function serialize(value: PhpValue): Uint8Array<ArrayBuffer> {
  const parts: (string | Uint8Array)[] = [];
  write(value, parts);
  return joined(parts.map(toBytes));
}

/** Writes a float with the fewest digits that say it, in PHP's form. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return "NAN";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (!Number.isFinite(value)) return `${sign}INF`;
  if (value === 0) return `${sign}0`;
  const [mantissa = "", exponent] = Math.abs(value).toExponential().split("e");
  return sign + digitsAt(mantissa.replace(".", ""), Number(exponent) + 1);
}

/** Writes 0.DIGITS × 10^POINT. */
function digitsAt(digits: string, point: number): string {
  if (point > MAX_POINT || point < MIN_POINT) {
    const exponent = point - 1;
    const size = `${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`;
    return `${digits[0]}.${digits.slice(1) || "0"}E${size}`;
  }
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  const whole = digits.slice(0, point).padEnd(point, "0");
  const fraction = digits.slice(point);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

function write(value: PhpValue, parts: (string | Uint8Array)[]): void {
  if (value === null) parts.push("N;");
  else if (typeof value === "boolean") parts.push(`b:${Number(value)};`);
  else if (typeof value === "string") writeString(value, parts);
  else if (value instanceof Map) writeArray(value, parts);
  else if (value instanceof PhpOpaque) parts.push(value.bytes);
  else if (value instanceof PhpFloat) {
    parts.push(`d:${formatFloat(value.value)};`);
  } else parts.push(`i:${checkedInt(value)};`);
}

function writeString(text: string, parts: (string | Uint8Array)[]): void {
  const bytes = bytesOf(text);
  parts.push(`s:${bytes.length}:"`, bytes, `";`);
}

function writeArray(array: PhpArray, parts: (string | Uint8Array)[]): void {
  parts.push(`a:${array.size}:{`);
  for (const [key, value] of array) {
    if (isIntKey(key)) parts.push(`i:${key};`);
    else writeString(key, parts);
    write(value, parts);
  }
  parts.push("}");
}

function checkedInt(value: number | bigint): string {
  const isGood = typeof value === "bigint"
    ? isInt(value)
    : Number.isSafeInteger(value);
  if (isGood) return String(value);
  throw new RangeError(
    `Cannot serialize a number as integers must have at most 64 bits, and others be floats: it is ${value}`,
  );
}

function toBytes(part: string | Uint8Array): Uint8Array {
  return typeof part === "string" ? encoder.encode(part) : part;
}
