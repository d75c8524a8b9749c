import { STATUS_CODES } from "node:http";
import type { RequestHead } from "./http_head.ts";

/** Names and values of headers, in the order they are sent. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** An HTTP answer whose body is a text. */
export interface HttpAnswer {
  /** Its status, 200 to 599. */
  readonly status: number;
  /** Its body; empty if left out. */
  readonly body?: string;
  /** Further headers; without a type among them the body is plain text. */
  readonly headers?: HeaderList;
}

/** To whom an answer goes, and what follows. */
export interface Manner {
  /** The request; who asks with HEAD gets no body. */
  readonly to?: RequestHead | undefined;
  /**
   * Whether the connection ends with this answer.
   *
   * @default {true}
   */
  readonly isLast?: boolean;
}

/** Headers that say where an answer and its connection end, which only we know. */
const OURS: readonly string[] = [
  "connection",
  "content-length",
  "keep-alive",
  "transfer-encoding",
];

/** Answers that end with their head. */
const BODILESS: readonly number[] = [204, 304];

/** Headers that are there once: of several the last counts. */
const SINGLE: readonly string[] = ["content-type", "date"];

/**
 * Writes a whole HTTP answer. Each header is there once that may be there once only:
 * those of the answer replace ours, unless they say where it ends.
 *
 * @param answer What to say.
 * @param manner To whom, and what follows.
 * @returns The bytes of the answer.
 */
export function encodeAnswer(
  { status, body = "", headers = [] }: HttpAnswer,
  { to, isLast = true }: Manner = {},
): Uint8Array {
  const { length } = new TextEncoder().encode(body);
  const given = headersOf(headers);
  const lacks = (name: string) => !given.some(([other]) => is(other, name));
  return encodeHead(
    `${status} ${STATUS_CODES[status] ?? "Refused"}`,
    [
      ...lacks("date") ? [dateHeader()] : [],
      ...length > 0 && lacks("content-type") ? [PLAIN_TEXT] : [],
      // Of one that has no body, it would be that of another answer (RFC 9110, 8.6).
      ...BODILESS.includes(status)
        ? []
        : [["Content-Length", String(length)] as const],
      ...connectionHeader(status, isLast, to),
      ...given,
    ],
    to?.method === "HEAD" ? "" : body,
  );
}

const PLAIN_TEXT = ["Content-Type", "text/plain; charset=utf-8"] as const;

/** The header that says when an answer was made. */
export function dateHeader(): HeaderList[number] {
  return ["Date", new Date().toUTCString()];
}

/**
 * Writes the head of an answer, and a text behind it.
 *
 * @param status Number and words.
 * @param headers All of them.
 * @param body What follows.
 */
export function encodeHead(
  status: string,
  headers: HeaderList,
  body = "",
): Uint8Array {
  // A line break in a value would begin another header, of whoever chose the value.
  const lines = headers.map(([name, value]) =>
    `${name}: ${value.replaceAll(/[\r\n]+/g, " ")}\r\n`
  );
  return new TextEncoder().encode(
    `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n${body}`,
  );
}

function headersOf(headers: HeaderList): HeaderList {
  return headers.filter(([name], i) => {
    const lower = name.toLowerCase();
    if (OURS.includes(lower)) return false;
    const isRepeated = () => headers.slice(i + 1).some(([it]) => is(it, lower));
    return !SINGLE.includes(lower) || !isRepeated();
  });
}

function is(name: string, lower: string): boolean {
  return name.toLowerCase() === lower;
}

/** To stay is what HTTP/1.1 means anyway, and HTTP/1.0 wants to be told. */
function connectionHeader(
  status: number,
  isLast: boolean,
  to: RequestHead | undefined,
): HeaderList {
  const options = [
    ...status === 426 ? ["Upgrade"] : [],
    ...isLast ? ["close"] : to?.minorVersion === 0 ? ["keep-alive"] : [],
  ];
  return options.length === 0 ? [] : [["Connection", options.join(", ")]];
}
