import type { BodyMap } from "../body.ts";

/** Deepest nesting of a session. */
const MAX_DEPTH = 64;

/** Classes whose values cross a link as what they are. */
const CARRIED: readonly (new (...args: never[]) => object)[] = [
  Date,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
  BigUint64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  BigInt64Array,
  Float32Array,
  Float64Array,
];

/** Whether a value is a plain object, as `{}` and `JSON.parse` make them. */
export function isPlainMap(value: unknown): value is BodyMap {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Checks that everything in a session comes out as it went in, and that it is not too
 * long: by what it has at least, so that no giant is encoded to find that out.
 *
 * @param session What somebody wants to store.
 * @param limit Most bytes of CBOR.
 * @throws {TypeError} If anything would not; names the key.
 * @throws {RangeError} If it is longer.
 */
export function checkSession(session: unknown, limit: number): void {
  if (!isPlainMap(session)) {
    throw new TypeError(
      `Cannot store session as it must be a plain object: found ${
        describe(session)
      }`,
    );
  }
  new Check(limit).map(session, "", 1);
}

/** One look at a session. */
class Check {
  readonly #limit: number;
  /** Bytes that are left, if all so far are as short as they can be. */
  #left: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.#left = limit;
  }

  map(map: BodyMap, path: string, depth: number): void {
    // CBOR would make a list of it.
    if (Symbol.iterator in map) {
      fail(path.slice(0, -1), "no object that can be iterated", "one");
    }
    for (const key of Object.keys(map)) {
      if (key === "__proto__") {
        fail(`${path}${key}`, "under another name", "it");
      }
      this.#count(key.length);
      this.#value(map[key], `${path}${key}`, depth);
    }
  }

  #value(value: unknown, path: string, depth: number): void {
    this.#count(1);
    switch (typeof value) {
      case "function":
      case "symbol":
        return fail(path, "a value that CBOR carries", describe(value));
      case "string":
        return this.#count(value.length);
      case "object":
        if (value !== null) this.#object(value, path, depth);
    }
  }

  #object(value: object, path: string, depth: number): void {
    if (depth >= MAX_DEPTH) {
      fail(path, `nested at most ${MAX_DEPTH} deep`, "more, or a circle");
    }
    if (isPlainMap(value)) return this.map(value, `${path}.`, depth + 1);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Array.prototype || prototype === Set.prototype) {
      for (const item of value as Iterable<unknown>) {
        this.#value(item, path, depth + 1);
      }
    } else if (prototype === Map.prototype) {
      for (const [key, item] of value as Map<unknown, unknown>) {
        this.#value(key, path, depth + 1);
        const name = typeof key === "object" ? "…" : String(key);
        this.#value(item, `${path}.${name}`, depth + 1);
      }
    } else if (CARRIED.some((carried) => value instanceof carried)) {
      if (ArrayBuffer.isView(value)) this.#count(value.byteLength);
    } else fail(path, "a value that CBOR carries", describe(value));
  }

  #count(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    throw new RangeError(
      `Cannot store session as it must be at most ${this.#limit} bytes of CBOR: it is more`,
    );
  }
}

function fail(path: string, rule: string, found: string): never {
  throw new TypeError(
    `Cannot store session as "${path}" must be ${rule}: found ${found}`,
  );
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = value.constructor?.name;
  return name ? `an instance of ${name}` : "an object of an unknown class";
}
