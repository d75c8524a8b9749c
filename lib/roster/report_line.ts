import { encodeRegisterMessage, type Report } from "./register_message.ts";

/** Longest report that a node sends, in bytes, its line feed included. */
const MAX_REPORT = 65_536;

/** A report as it is sent. */
export interface ReportLine {
  /** The whole line; `undefined` if it cannot be short enough. */
  readonly line: Uint8Array | undefined;
  /** Bytes of the line as it would have been, if it was too long. */
  readonly excess?: number;
}

/**
 * Writes a report as a line that every Register takes. Of one that is too long, the
 * lists lose their older halves, the longest first, until it fits.
 *
 * @param report What a node tells of itself.
 */
export function encodeReport(report: Report["report"]): ReportLine {
  let line = encode(report);
  const { length } = line;
  if (length <= MAX_REPORT) return { line };
  for (const shorter of shorten(report)) {
    line = encode(shorter);
    if (line.length <= MAX_REPORT) return { line, excess: length };
  }
  return { line: undefined, excess: length };
}

/** Yields the report with ever shorter lists. */
function* shorten(report: Report["report"]): Generator<Report["report"]> {
  const lists = new Map<string, readonly unknown[]>();
  for (const [name, value] of Object.entries(report)) {
    if (Array.isArray(value)) lists.set(name, value);
  }
  while (true) {
    const [longest] = [...lists].map(([name, list]) => {
      return { name, list, length: JSON.stringify(list).length };
    }).sort((a, b) => b.length - a.length);
    if (longest === undefined || longest.list.length === 0) return;
    const { name, list } = longest;
    lists.set(name, list.slice(Math.ceil(list.length / 2)));
    yield { ...report, ...Object.fromEntries(lists) };
  }
}

function encode(report: Report["report"]): Uint8Array {
  return encodeRegisterMessage({ event: "report", report });
}
