import { hasReference, type PhpArray, type PhpValue } from "./php_value.ts";

/**
 * Merges an array into another as PHP's `array_replace_recursive` does: arrays within
 * both are merged, lists by their index; anything else is replaced, and what is new
 * stands behind what was there.
 *
 * @param base What there is; not changed.
 * @param update What comes in.
 * @throws {TypeError} If either is no array, or anything in them counts what stands
 * before it: after the merge it would mean something else.
 */
export function mergeArrays(base: PhpValue, update: PhpValue): PhpArray {
  for (const value of [base, update]) {
    if (!(value instanceof Map)) {
      throw new TypeError(
        "Cannot merge a PHP session as both sides must be arrays: one is not",
      );
    }
    if (hasReference(value)) {
      throw new TypeError(
        "Cannot merge a PHP session that holds references: what they count would be something else afterwards",
      );
    }
  }
  return merge(base as PhpArray, update as PhpArray);
}

function merge(base: PhpArray, update: PhpArray): PhpArray {
  const merged: PhpArray = new Map(base);
  for (const [key, value] of update) {
    const old = merged.get(key);
    const areArrays = old instanceof Map && value instanceof Map;
    merged.set(key, areArrays ? merge(old, value) : value);
  }
  return merged;
}
