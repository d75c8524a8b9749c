import { type ConformanceCase, describe } from "./case.ts";
import { fragments, letters, Op } from "./frames.ts";

/** Frames may be cut and joined on the way: only messages count. */
export function* autoFragmentation(): Generator<ConformanceCase> {
  const payload = letters(65_536);
  for (const [index, size] of [1_300, 1_301, 32_768, 65_535].entries()) {
    yield {
      id: `10.1.${index + 1}`,
      section: "RFC 6455, 5.4",
      title: `text of 65536 bytes that an intermediary cut at ${size}`,
      sends: fragments(Op.Text, payload, size),
      expects: [describe("text", payload)],
    };
  }
}
