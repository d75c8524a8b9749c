/** Lists and objects within each other that a text from outside may have. */
const MAX_DEPTH = 64;

const QUOTE = 34;
const BACKSLASH = 92;
const LIST = 91;
const LIST_END = 93;
const OBJECT = 123;
const OBJECT_END = 125;

/**
 * Reads JSON from outside, where it may be made to harm: `JSON.parse` takes lists
 * within lists by the hundred thousand, and whoever walks through what it returned,
 * or writes it again, runs out of stack.
 *
 * @param text The JSON; how long it may be is the caller's to say.
 * @returns The value; its shape is for the caller to check.
 * @throws {SyntaxError} If it is not JSON. The parser's message quotes the text.
 * @throws {RangeError} If it is nested too deep.
 */
export function parseJson(text: string): unknown {
  if (!isFlat(text)) {
    throw new RangeError(
      `Cannot read JSON as lists and objects must be at most ${MAX_DEPTH} deep within each other: there are more`,
    );
  }
  return JSON.parse(text);
}

function isFlat(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === LIST || code === OBJECT) {
      if (++depth > MAX_DEPTH) return false;
    } else if (code === LIST_END || code === OBJECT_END) {
      depth--;
    }
  }
  return true;
}

/** Returns where the quote is that ends a string; the text's end if there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return text.length;
}
