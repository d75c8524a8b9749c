import { ProtocolError } from "../base/errors.ts";
import {
  intOf,
  isInt,
  type PhpArray,
  PhpFloat,
  PhpOpaque,
  type PhpOpaqueKind,
  type PhpValue,
} from "./php_value.ts";
import { textOf } from "./text.ts";

/** Arrays and objects within each other that a value may have. */
const MAX_DEPTH = 64;

/** Bytes that a value may have: a whole packet of the original. */
const MAX_SIZE = 10 * 1024 * 1024;

/** Fewest bytes of an entry, `i:0;N;`. */
const MIN_ENTRY = 6;

/** Longest number that is looked for: a float with all its digits and an exponent. */
const MAX_NUMBER = 40;

const COLON = 58;
const SEMICOLON = 59;
const QUOTE = 34;
const OPEN = 123;
const CLOSE = 125;

const INTEGER = /^(?:0|-?[1-9]\d{0,18})$/;
const SIZE = /^(?:0|[1-9]\d{0,8})$/;
const FLOAT = /^-?\d+(?:\.\d+)?(?:E[+-]\d{1,3})?$/;

/** What a reader puts up with. */
export interface UnserializeLimits {
  /**
   * Arrays and objects within each other.
   *
   * @default {64}
   */
  readonly maxDepth?: number;
  /**
   * Bytes of the whole value.
   *
   * @default {10_485_760}
   */
  readonly maxSize?: number;
}

/**
 * Reads what PHP's `serialize` wrote. Strict: only what PHP itself writes, and nothing
 * behind it. Objects, enums and references are kept as they came; no class is looked for.
 *
 * @param bytes The whole value; kept by what is opaque in it.
 * @param limits What is put up with.
 * @throws {ProtocolError} If it is no such value, or beyond the limits.
 */
export function unserialize(
  bytes: Uint8Array,
  limits: UnserializeLimits = {},
): PhpValue {
  const { maxDepth = MAX_DEPTH, maxSize = MAX_SIZE } = limits;
  if (bytes.length > maxSize) {
    throw new ProtocolError(
      `Cannot read serialized value as it must not exceed ${maxSize} bytes: it has ${bytes.length}`,
    );
  }
  return new Unserializer(bytes, maxDepth).whole();
}

/** Reads one value from front to end. */
class Unserializer {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** How many arrays and objects may still be entered. */
  #depth: number;
  /** How much of what was read counts what stands before it. */
  #references = 0;

  constructor(bytes: Uint8Array, maxDepth: number) {
    this.#bytes = bytes;
    this.#depth = maxDepth;
  }

  whole(): PhpValue {
    const value = this.#value();
    if (this.#at !== this.#bytes.length) this.#fail("the end");
    return value;
  }

  #value(): PhpValue {
    const start = this.#at;
    const type = String.fromCharCode(this.#bytes[this.#at++] ?? 0);
    this.#expect(type === "N" ? SEMICOLON : COLON);
    switch (type) {
      case "N":
        return null;
      case "b":
        return this.#token(/^[01]$/, "0 or 1", SEMICOLON) === "1";
      case "i":
        return intOf(this.#integer());
      case "d":
        return this.#float();
      case "s":
        return textOf(this.#string(SEMICOLON));
      case "a":
        return this.#array();
      case "O":
        return this.#opaque("object", start, () => this.#object());
      case "C":
        return this.#opaque("custom object", start, () => this.#custom());
      case "E":
        return this.#opaque("enum", start, () => this.#string(SEMICOLON));
      case "R":
      case "r":
        return this.#opaque("reference", start, () => this.#reference());
      default:
        this.#at = start;
        return this.#fail("a type");
    }
  }

  #float(): PhpFloat {
    const text = this.#token(/./s, "a number", SEMICOLON);
    if (text === "NAN") return new PhpFloat(NaN);
    if (text === "INF") return new PhpFloat(Infinity);
    if (text === "-INF") return new PhpFloat(-Infinity);
    return FLOAT.test(text)
      ? new PhpFloat(Number(text))
      : this.#fail("a number before");
  }

  #integer(): bigint {
    const value = BigInt(this.#token(INTEGER, "an integer", SEMICOLON));
    return isInt(value) ? value : this.#fail("an integer of 64 bits before");
  }

  #array(): PhpArray {
    const array: PhpArray = new Map();
    this.#entries((key) => array.set(key, this.#value()));
    return array;
  }

  /** Reads a count and so many entries; `take` reads the value of each. */
  #entries(take: (key: string) => void): void {
    const count = this.#size(COLON);
    if (count * MIN_ENTRY > this.#bytes.length - this.#at) {
      this.#fail(`${count} entries`);
    }
    if (this.#depth-- === 0) this.#fail("less depth");
    this.#expect(OPEN);
    for (let i = 0; i < count; i++) take(this.#key());
    this.#expect(CLOSE);
    this.#depth++;
  }

  #key(): string {
    const type = this.#bytes[this.#at++];
    this.#expect(COLON);
    if (type === 105) return String(this.#integer());
    if (type === 115) return textOf(this.#string(SEMICOLON));
    return this.#fail("a key before");
  }

  #object(): void {
    this.#string(COLON);
    this.#entries(() => this.#value());
  }

  /** Reads what a class wrote in a form of its own, which may hold anything. */
  #custom(): void {
    this.#string(COLON);
    const length = this.#size(COLON);
    this.#expect(OPEN);
    this.#skip(length);
    this.#expect(CLOSE);
    this.#references++;
  }

  #reference(): void {
    this.#token(SIZE, "a reference", SEMICOLON);
    this.#references++;
  }

  #opaque(kind: PhpOpaqueKind, start: number, read: () => void): PhpOpaque {
    const before = this.#references;
    read();
    const bytes = this.#bytes.subarray(start, this.#at);
    return new PhpOpaque(kind, bytes, this.#references > before);
  }

  /** Reads a length, and so many bytes in quotes. */
  #string(end: number): Uint8Array {
    const length = this.#size(COLON);
    this.#expect(QUOTE);
    const start = this.#at;
    this.#skip(length);
    const bytes = this.#bytes.subarray(start, this.#at);
    this.#expect(QUOTE);
    this.#expect(end);
    return bytes;
  }

  #size(end: number): number {
    return Number(this.#token(SIZE, "a length", end));
  }

  /** Reads a few characters up to one that ends them. */
  #token(form: RegExp, what: string, end: number): string {
    const most = this.#bytes.subarray(this.#at, this.#at + MAX_NUMBER);
    const length = most.indexOf(end);
    const text = String.fromCharCode(...most.subarray(0, Math.max(length, 0)));
    if (length === -1 || !form.test(text)) this.#fail(what);
    this.#at += length + 1;
    return text;
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.#at) this.#fail(`${length} bytes`);
    this.#at += length;
  }

  #expect(byte: number): void {
    if (this.#bytes[this.#at] !== byte) {
      this.#fail(`"${String.fromCharCode(byte)}"`);
    }
    this.#at++;
  }

  #fail(expected: string): never {
    throw new ProtocolError(
      `Cannot read serialized value: expected ${expected} at byte ${this.#at} of ${this.#bytes.length}`,
    );
  }
}
