/**
 * Says whether two values are equal in all that can be seen of them.
 *
 * @param a One value.
 * @param b The other value.
 * @returns Whether they are the same value or have equal parts.
 * @throws {TypeError} If both are weak collections, which cannot be looked into.
 */
export function equal(a: unknown, b: unknown): boolean {
  return equalParts(a, b, new Map());
}

type Seen = Map<object, object>;

function equalParts(a: unknown, b: unknown, seen: Seen): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (!isObject(a) || !isObject(b) || !sameKind(a, b)) return false;
  refuseWeak(a);
  return equalByValue(a, b) ?? equalInside(a, b, seen);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function sameKind(a: object, b: object): boolean {
  const kindOf = (value: object) => {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null ? Object.prototype : prototype;
  };
  return kindOf(a) === kindOf(b);
}

function refuseWeak(value: object): void {
  for (const weak of [WeakMap, WeakSet]) {
    if (value instanceof weak) {
      throw new TypeError(`Cannot compare ${weak.name} instances`);
    }
  }
}

/** Compares what is a value although it is an object; undefined for the rest. */
function equalByValue(a: object, b: object): boolean | undefined {
  if (a instanceof Date && b instanceof Date) {
    return Object.is(a.getTime(), b.getTime());
  }
  for (const kind of [RegExp, URL, String, Number, Boolean]) {
    if (a instanceof kind && b instanceof kind) return String(a) === String(b);
  }
  if (a instanceof WeakRef && b instanceof WeakRef) {
    return equal(a.deref(), b.deref());
  }
  const [left, right] = [bytesOf(a), bytesOf(b)];
  if (left === undefined || right === undefined) return undefined;
  return left.length === right.length &&
    left.every((byte, index) => byte === right[index]);
}

/** Gives bytes as an array; floats are left to {@linkcode equalInside}. */
function bytesOf(value: object): Uint8Array | undefined {
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    return new Uint8Array(value);
  }
  const isFloat = value instanceof Float32Array ||
    value instanceof Float64Array || value instanceof Float16Array;
  if (!ArrayBuffer.isView(value) || isFloat) return undefined;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function equalInside(a: object, b: object, seen: Seen): boolean {
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  return equalErrors(a, b, seen) && equalProperties(a, b, seen) &&
    equalCollections(a, b, seen);
}

function equalErrors(a: object, b: object, seen: Seen): boolean {
  if (!(a instanceof Error) || !(b instanceof Error)) return true;
  return a.name === b.name && a.message === b.message &&
    equalParts(a.cause, b.cause, seen);
}

function equalProperties(a: object, b: object, seen: Seen): boolean {
  const keys = keysOf(a);
  if (keys.length !== keysOf(b).length) return false;
  return keys.every((key) =>
    Object.hasOwn(b, key) &&
    equalParts(Reflect.get(a, key), Reflect.get(b, key), seen)
  );
}

function keysOf(value: object): PropertyKey[] {
  const symbols = Object.getOwnPropertySymbols(value)
    .filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
  const keys: PropertyKey[] = Object.keys(value);
  if (Array.isArray(value)) keys.push("length");
  return keys.concat(symbols);
}

function equalCollections(a: object, b: object, seen: Seen): boolean {
  if (a instanceof Set && b instanceof Set) {
    return a.size === b.size && pairUp([...a], [...b], seen);
  }
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && pairUp([...a], [...b], seen);
  }
  return true;
}

/** Says whether each of `left` has an equal of its own in `right`. */
function pairUp(left: unknown[], right: unknown[], seen: Seen): boolean {
  return left.every((one) => {
    const index = right.findIndex((other) =>
      equalParts(one, other, new Map(seen))
    );
    if (index >= 0) right.splice(index, 1);
    return index >= 0;
  });
}
