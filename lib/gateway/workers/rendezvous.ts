/**
 * Which of several gets a key: each has a score for it, and the highest wins. So one that
 * comes takes its share from all others, one that goes leaves its share to them, and
 * nothing else moves. Whoever knows the same names comes to the same.
 *
 * @module
 */

/** One that may win keys. */
export interface Contender {
  /** Its {@linkcode hashText}. */
  readonly hash: number;
  /** Its part of the keys, as a multiple of others'. */
  readonly weight: number;
}

/** A number of 32 bits for a text, well mixed (FNV-1a, with MurmurHash3's last step). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return mix(hash);
}

/** The one of the highest score for a key; of equal ones that with the lowest hash. */
export function winnerOf<Each extends Contender>(
  key: number,
  contenders: Iterable<Each>,
): Each | undefined {
  let best: Each | undefined;
  let most = -Infinity;
  for (const each of contenders) {
    // Between 0 and 1, never either: the logarithm is a negative number.
    const part = (mix(key ^ each.hash) + 0.5) / 0x1_0000_0000;
    const score = each.weight / -Math.log(part);
    if (score < most) continue;
    if (score === most && each.hash >= (best?.hash ?? Infinity)) continue;
    best = each;
    most = score;
  }
  return best;
}

function mix(hash: number): number {
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
