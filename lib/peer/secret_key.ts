const encoder = new TextEncoder();

/**
 * Compares a peer's key with ours in a time that depends on the peer's key alone,
 * so that the time tells nothing about ours.
 */
export function isSameSecretKey(given: string, ours: string): boolean {
  const [left, right] = [encoder.encode(given), encoder.encode(ours)];
  let difference = left.length ^ right.length;
  for (let i = 0; i < left.length; i++) {
    difference |= (left[i] ?? 0) ^ (right[i % right.length] ?? 0);
  }
  return difference === 0;
}
