/**
 * What a supervisor and its child say to each other. Orders go down the child's
 * standard input, reports come up its standard output, a line of JSON each. A
 * report begins with a marker, so that whatever else a handler prints passes
 * through untouched.
 *
 * @module
 */

/** What a child tells its supervisor. */
export type Report =
  /** It does its work: a line for people, and where clients connect to it. */
  | {
    readonly report: "ready";
    readonly line: string;
    readonly addresses: readonly string[];
  }
  /** It cannot start, or had to give up; it exits next. */
  | { readonly report: "failed"; readonly message: string }
  /** Somebody sent it SIGTERM: the supervisor decides when it stops. */
  | { readonly report: "asked" }
  /** What it was asked; what is in it is a matter of whoever asked. */
  | {
    readonly report: "answer";
    readonly id: number;
    readonly answer: unknown;
  };

/** What a supervisor tells its child. */
export type Order =
  /** It is time to finish and leave. */
  | { readonly command: "stop" }
  /** It is asked something. */
  | {
    readonly command: "ask";
    readonly id: number;
    readonly question: unknown;
  };

/** First byte of a report: the record separator, which no text contains. */
export const REPORT_MARKER = 0x1e;

/** Writes a report as one line. */
export function encodeReport(report: Report): string {
  return `${String.fromCharCode(REPORT_MARKER)}${JSON.stringify(report)}\n`;
}

/** Reads what follows the marker; `undefined` if it is no report. */
export function decodeReport(text: string): Report | undefined {
  const { report, line, message, addresses, id, answer } = parseObject(text);
  if (report === "asked") return { report };
  if (report === "ready" && typeof line === "string" && isTexts(addresses)) {
    return { report, line, addresses };
  }
  if (report === "answer" && typeof id === "number") {
    return { report, id, answer };
  }
  if (report === "failed" && typeof message === "string") {
    return { report, message };
  }
  return undefined;
}

/** Writes an order as one line. */
export function encodeOrder(order: Order): string {
  return `${JSON.stringify(order)}\n`;
}

/** Reads a line; `undefined` if it is no order. */
export function decodeOrder(text: string): Order | undefined {
  const { command, id, question } = parseObject(text);
  if (command === "stop") return { command };
  return command === "ask" && typeof id === "number"
    ? { command, id, question }
    : undefined;
}

/** Reads a JSON object; what is none has no fields. */
export function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    // Not JSON, so neither a report nor an order: the caller sees no field.
    return {};
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
