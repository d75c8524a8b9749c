import { Encoder } from "cbor-x/encode";
import { ProtocolError } from "../base/errors.ts";
import { keepMarks } from "./kept_marks.ts";

/**
 * Plain CBOR maps without cbor-x's records, so that any CBOR library reads them; of
 * variable size, as others end at 65,535 keys.
 */
const options = {
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
} as const;

const codec = new Encoder(options);
const copying = new Encoder({ ...options, copyBuffers: true });

/**
 * Encodes a value as CBOR.
 *
 * @param value Whatever CBOR carries: also dates, bytes, bigints and maps.
 * @returns Bytes of their own, not a view of a shared block.
 * @throws {TypeError} If the value holds what CBOR cannot carry.
 */
export function encodeBody(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(codec.encode(value));
}

/**
 * Decodes CBOR.
 *
 * @param bytes One whole value.
 * @returns The value; its shape is for the caller to check.
 * @throws {ProtocolError} If the bytes are not CBOR.
 */
export function decodeBody(bytes: Uint8Array): unknown {
  return decodeWith(codec, bytes);
}

/**
 * Like {@linkcode decodeMap}, but bytes within the value are copies: whoever changes
 * them changes nothing else.
 *
 * @throws {ProtocolError} If the bytes are anything else.
 */
export function decodeOwnMap(bytes: Uint8Array): BodyMap {
  return toMap(decodeWith(copying, bytes));
}

function decodeWith(decoder: Encoder, bytes: Uint8Array): unknown {
  try {
    return decoder.decode(keepMarks(bytes));
  } catch (cause) {
    throw new ProtocolError("Cannot decode body: it is not CBOR", { cause });
  }
}

/** A decoded body that is a map with text keys. */
export type BodyMap = Readonly<Record<string, unknown>>;

/**
 * Decodes CBOR that must be a map.
 *
 * @throws {ProtocolError} If it is anything else.
 */
export function decodeMap(bytes: Uint8Array): BodyMap {
  return toMap(decodeBody(bytes));
}

/**
 * Takes a decoded value as a map with text keys.
 *
 * @throws {ProtocolError} If it is anything else.
 */
export function toMap(value: unknown): BodyMap {
  if (
    typeof value !== "object" || value === null || Array.isArray(value) ||
    value instanceof Uint8Array || value instanceof Map
  ) {
    throw new ProtocolError("Cannot decode body: it is not a map");
  }
  return value as BodyMap;
}

/** Returns a field that must be text, or `undefined` if it is absent. */
export function textField(body: BodyMap, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw wrongField(name, "text");
  return value;
}

/** Returns a field that must be a finite number, or `undefined` if it is absent. */
export function numberField(body: BodyMap, name: string): number | undefined {
  const value = toNumber(body[name]);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw wrongField(name, "a number");
  }
  return value;
}

/** An integer that came in 64 bits, if it is small enough to be exact; else the value. */
export function toNumber(value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Returns a field that must be bytes, or `undefined` if it is absent. The bytes are copied. */
export function bytesField(
  body: BodyMap,
  name: string,
): Uint8Array<ArrayBuffer> | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!(value instanceof Uint8Array)) throw wrongField(name, "bytes");
  return new Uint8Array(value);
}

/** Returns a field that must be a list of texts; an empty list if it is absent. */
export function textListField(body: BodyMap, name: string): string[] {
  return checkList(body[name], name, "string") as string[];
}

/** Returns a field that must be a list of numbers; an empty list if it is absent. */
export function numberListField(body: BodyMap, name: string): number[] {
  const value = body[name];
  const items = Array.isArray(value) ? value.map(toNumber) : value;
  return checkList(items, name, "number") as number[];
}

function checkList(value: unknown, name: string, type: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.some((item) => typeof item !== type)) {
    throw wrongField(name, `a list of ${type}s`);
  }
  return value;
}

function wrongField(name: string, expected: string): ProtocolError {
  return new ProtocolError(
    `Cannot read body: "${name}" must be ${expected}`,
  );
}
