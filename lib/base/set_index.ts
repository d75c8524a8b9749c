/**
 * Indexes of sets: a key is there as long as its set has members.
 *
 * @module
 */

/** Adds a value to the set of a key. */
export function addTo<Key, Value>(
  index: Map<Key, Set<Value>>,
  key: Key,
  value: Value,
): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, new Set([value]));
  else values.add(value);
}

/** Removes a value from the set of a key; returns whether it was there. */
export function removeFrom<Key, Value>(
  index: Map<Key, Set<Value>>,
  key: Key,
  value: Value,
): boolean {
  const values = index.get(key);
  if (values?.delete(value) !== true) return false;
  if (values.size === 0) index.delete(key);
  return true;
}
