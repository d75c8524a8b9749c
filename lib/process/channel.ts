/**
 * What a supervisor and its child say to each other. Orders go down the child's
 * standard input, reports come up its standard output, a line of JSON each. The
 * first line down is a secret of this one child's, and a report begins with it: so
 * whatever else a handler prints passes through untouched, and no text that came
 * from somebody else is taken for a report.
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
    /** Whether nobody whom it works for has answered it. */
    readonly isAlone?: boolean;
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
  /** All that it needs is there: it may begin its work. */
  | { readonly command: "begin" }
  /** It is time to finish and leave. */
  | { readonly command: "stop" }
  /** It is to answer, whatever: so that it is seen that its code does not block. */
  | { readonly command: "ping"; readonly id: number }
  /** It is asked something. */
  | {
    readonly command: "ask";
    readonly id: number;
    readonly question: unknown;
  };

/** Longest report, in bytes; what is longer is not sent. */
export const MAX_REPORT = 16_777_216;

/** Longest order, in bytes. */
export const MAX_ORDER = 1_048_576;

/** What a report begins with: the record separator, and what only this child knows. */
export function reportMarker(token: string): string {
  return `\x1e${token}`;
}

/** Makes a secret for one child. */
export function newToken(): string {
  return crypto.randomUUID();
}

/** The first line that a child reads. */
export interface Introduction {
  /** The secret that its reports begin with. */
  readonly token: string;
  /** Whether it gets ready to begin, and then waits for the order. */
  readonly waits: boolean;
}

/** Writes the first line that a child reads. */
export function encodeIntroduction(introduction: Introduction): string {
  return `${JSON.stringify(introduction)}\n`;
}

/** Reads the first line that a child reads; `undefined` if it has no token. */
export function decodeIntroduction(text: string): Introduction | undefined {
  const { token, waits } = parseObject(text);
  if (typeof token !== "string") return undefined;
  return { token, waits: waits === true };
}

/**
 * Writes a report as one line.
 *
 * @throws {RangeError} If it is too long.
 */
export function encodeReport(report: Report, token: string): string {
  const json = JSON.stringify(report);
  // No character has more than three bytes for each unit of its text.
  if (json.length > MAX_REPORT / 3) {
    throw new RangeError(
      `Cannot report to the supervisor as it must be at most ${
        MAX_REPORT / 3
      } characters: it has ${json.length}`,
    );
  }
  return `${reportMarker(token)}${json}\n`;
}

/** Reads what follows the marker; `undefined` if it is no report. */
export function decodeReport(text: string): Report | undefined {
  const { report, line, message, addresses, isAlone, id, answer } = parseObject(
    text,
  );
  if (report === "asked") return { report };
  if (report === "ready" && typeof line === "string" && isTexts(addresses)) {
    const ready = { report, line, addresses } as const;
    return isAlone === true ? { ...ready, isAlone } : ready;
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
  if (command === "stop" || command === "begin") return { command };
  if (command === "ping" && typeof id === "number") return { command, id };
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
