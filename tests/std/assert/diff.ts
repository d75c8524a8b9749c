/** Texts that differ in more lines than this are not compared line by line. */
const MAX_LINES = 400;

/**
 * Sets two texts against each other, line by line.
 *
 * @param actual The text that is; its lines are marked `-`.
 * @param expected The text that should be; its lines are marked `+`.
 * @returns All lines of both, those that both have only once.
 */
export function diff(actual: string, expected: string): string {
  const [left, right] = [actual.split("\n"), expected.split("\n")];
  const start = commonStart(left, right);
  const end = commonStart(
    left.slice(start).reverse(),
    right.slice(start).reverse(),
  );
  const middle = diffMiddle(
    left.slice(start, left.length - end),
    right.slice(start, right.length - end),
  );
  return [
    ...mark(" ", left.slice(0, start)),
    ...middle,
    ...mark(" ", left.slice(left.length - end)),
  ].join("\n");
}

function mark(sign: string, lines: string[]): string[] {
  return lines.map((line) => `${sign}   ${line}`);
}

function commonStart(left: string[], right: string[]): number {
  const index = left.findIndex((line, index) => line !== right[index]);
  return index < 0 ? left.length : index;
}

function diffMiddle(left: string[], right: string[]): string[] {
  return left.length > MAX_LINES || right.length > MAX_LINES
    ? [...mark("-", left), ...mark("+", right)]
    : [...walk(left, right, commonLengths(left, right))];
}

/** Gives for each pair of starts how many lines the two rests have in common. */
function commonLengths(left: string[], right: string[]): number[][] {
  const below = new Array<number>(right.length + 1).fill(0);
  const table = [below];
  for (const line of left.toReversed()) {
    const [next = []] = table;
    const row = [0];
    for (let j = right.length - 1; j >= 0; j--) {
      const [after = 0] = row;
      row.unshift(
        line === right[j]
          ? (next[j + 1] ?? 0) + 1
          : Math.max(next[j] ?? 0, after),
      );
    }
    table.unshift(row);
  }
  return table;
}

function* walk(
  left: string[],
  right: string[],
  common: number[][],
): Generator<string> {
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const withoutLeft = common[i + 1]?.[j] ?? -1;
    const withoutRight = common[i]?.[j + 1] ?? -1;
    if (i < left.length && left[i] === right[j]) {
      yield `    ${left[i++]}`;
      j++;
    } else if (withoutLeft >= withoutRight) {
      yield `-   ${left[i++]}`;
    } else {
      yield `+   ${right[j++]}`;
    }
  }
}
