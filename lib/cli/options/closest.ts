/** How many slips of a finger still count as the same word. */
const MAX_SLIPS = 2;

/** Returns the word that was probably meant, if any is near enough. */
export function closest(
  given: string,
  words: Iterable<string>,
): string | undefined {
  let best: string | undefined;
  let least = MAX_SLIPS + 1;
  for (const word of words) {
    const slips = distance(given.toLowerCase(), word.toLowerCase());
    if (slips < least) [best, least] = [word, slips];
  }
  return best;
}

/** Letters to insert, delete or replace to get from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replaced = (row[j] ?? 0) + (letter === to[j] ? 0 : 1);
      const shifted = 1 + Math.min(row[j + 1] ?? 0, next[j] ?? 0);
      next.push(Math.min(replaced, shifted));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
