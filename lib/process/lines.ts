/**
 * Yields the lines of a stream of UTF-8; what has no line feed at the end is no line.
 *
 * @param reader Reads the stream.
 * @param maxLine Longest line, in characters.
 * @throws {RangeError} If a line is longer.
 */
export async function* linesOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxLine: number,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let held = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const pieces = decoder.decode(part.value, { stream: true }).split("\n");
    const last = pieces.pop() ?? "";
    for (const piece of pieces) {
      yield held + piece;
      held = "";
    }
    held += last;
    if (held.length <= maxLine) continue;
    throw new RangeError(
      `Cannot read line as it must be at most ${maxLine} characters`,
    );
  }
}
