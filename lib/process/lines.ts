import { LineDecoder } from "../base/line_decoder.ts";

/**
 * Yields the lines of a stream of UTF-8; what has no line feed at the end is no line.
 *
 * @param reader Reads the stream.
 * @param maxLine Longest line, in bytes.
 * @throws {ProtocolError} If a line is longer, or not UTF-8.
 */
export async function* linesOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxLine: number,
): AsyncGenerator<string, void> {
  const decoder = new LineDecoder(maxLine);
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    yield* decoder.push(part.value);
  }
}
