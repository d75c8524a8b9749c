/** Of which trace a message is, and whose child whatever is done for it. */
export interface TraceContext {
  /** The trace: 32 lower-case hex digits. */
  readonly traceId: string;
  /** The span that whatever comes next is a child of: 16 lower-case hex digits. */
  readonly spanId: string;
}

/** Characters of a `traceparent` of version 00. */
export const TRACEPARENT_LENGTH = 55;

/** W3C Trace Context: version, trace, parent, flags. Ids of zeros only are none. */
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The flag that says that a trace is recorded. */
const SAMPLED = 1;

/** Whether a text is a `traceparent`, as W3C Trace Context has it. */
export function isTraceparent(text: string): boolean {
  return TRACEPARENT.test(text);
}

/** Reads a `traceparent`; `undefined` if it is none, or its trace is not recorded. */
export function parseTraceparent(text: string): TraceContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) {
    return undefined;
  }
  const isSampled = (Number.parseInt(flags, 16) & SAMPLED) !== 0;
  return isSampled ? { traceId, spanId } : undefined;
}

/** Writes the `traceparent` of a trace that is recorded. */
export function formatTraceparent({ traceId, spanId }: TraceContext): string {
  return `00-${traceId}-${spanId}-01`;
}
