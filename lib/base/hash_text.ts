/** What FNV-1a begins with. */
const FNV_BASIS = 0x811c9dc5;

/** FNV-1a of 32 bits, over UTF-16 units. */
export function fnv1a(text: string, seed: number = FNV_BASIS): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * MurmurHash3's last step: makes bits of an FNV hash depend on each other, as those of
 * like texts hardly do.
 */
export function mix(hash: number): number {
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}
