/**
 * Which of several gets a key: each has a score for it, and the highest wins. So one that
 * comes takes its share from all others, one that goes leaves its share to them, and
 * nothing else moves. Whoever knows the same names comes to the same.
 *
 * @module
 */
import { fnv1a, mix } from "../../base/hash_text.ts";

/** One that may win keys. */
export interface Contender {
  /** Its {@linkcode hashText}. */
  readonly hash: number;
  /** Its part of the keys, as a multiple of others'. */
  readonly weight: number;
}

/** A number of 32 bits for a text, well mixed (FNV-1a, with MurmurHash3's last step). */
export function hashText(text: string): number {
  return mix(fnv1a(text));
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
