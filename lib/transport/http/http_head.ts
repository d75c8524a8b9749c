import { Buffer } from "node:buffer";
import { isBlankCode, isToken } from "../list_reader.ts";

/** How much of a request head is read. */
export interface HeadLimits {
  /** Most bytes of a request head. */
  readonly maxSize: number;
  /** Most header lines of a request head. */
  readonly maxHeaders: number;
}

/** Limits that every browser's request is far below. */
export const DEFAULT_HEAD_LIMITS: HeadLimits = {
  maxSize: 16_384,
  maxHeaders: 100,
};

const CR = 13;
const LF = 10;

const METHOD_AND_TARGET = /^([^ ]+) ([\x21-\x7e\x80-\xff]+) HTTP\/(\d)\.(\d)$/;
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]+/i;

/** The head of an HTTP request. */
export interface RequestHead {
  /** As it came; methods are case-sensitive. */
  readonly method: string;
  /** Path and query, or `*` of OPTIONS; what is not ASCII is percent-encoded. */
  readonly target: string;
  /** The digit after `HTTP/1.`. */
  readonly minorVersion: number;
  /** Names in lower case, in the order they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What the bytes so far amount to. */
export type HeadResult =
  | { readonly kind: "incomplete" }
  | {
    readonly kind: "malformed";
    /** The HTTP status that says so. */
    readonly status: 400 | 431 | 505;
    /** What is wrong, for the client's eyes. */
    readonly detail: string;
  }
  | {
    readonly kind: "head";
    readonly head: RequestHead;
    /** Bytes that the head took; what follows is the next protocol's. */
    readonly size: number;
  };

const INCOMPLETE: HeadResult = { kind: "incomplete" };

/**
 * Finds and reads a request head in a growing run of bytes. Pure: no I/O.
 *
 * No byte is looked at twice before the head is complete, so a client that sends one
 * byte at a time costs no more than one that sends all at once.
 */
export class HeadReader {
  readonly #limits: HeadLimits;
  #scanned = 0;
  #lineStart = 0;
  #begin = 0;

  /** @param limits How much is read. */
  constructor(limits: HeadLimits = DEFAULT_HEAD_LIMITS) {
    this.#limits = limits;
  }

  /** Whether nothing has come yet. */
  get isUntouched(): boolean {
    return this.#scanned === 0;
  }

  /**
   * Looks at the bytes that are new since the last call.
   *
   * @param buffer Holds all bytes so far in `[start, end)`, those of earlier calls too.
   * @param start Where the request begins.
   * @param end Where the bytes end.
   * @returns The head, or what is wrong with it, or that more is needed.
   */
  read(buffer: Uint8Array, start: number, end: number): HeadResult {
    for (let i = this.#scanned; i < end - start; i++) {
      const byte = buffer[start + i] as number;
      if (byte === LF) {
        if (i === 0 || buffer[start + i - 1] !== CR) {
          return malformed("a line does not end with CR LF");
        }
        const isEmptyLine = i - this.#lineStart === 1;
        this.#lineStart = i + 1;
        if (isEmptyLine && i - this.#begin > 1) {
          return this.#parse(buffer, start, i + 1);
        }
        // RFC 9112, section 2.2: empty lines before the request are skipped.
        if (isEmptyLine) this.#begin = i + 1;
      } else if (isForbidden(byte)) {
        return malformed("this is not HTTP");
      }
      if (i >= this.#limits.maxSize - 1) return tooLarge(this.#limits);
    }
    this.#scanned = end - start;
    return INCOMPLETE;
  }

  #parse(buffer: Uint8Array, start: number, size: number): HeadResult {
    const text = decodeLatin1(buffer, start + this.#begin, start + size - 4);
    const [requestLine = "", ...lines] = text.split("\r\n");
    if (lines.length > this.#limits.maxHeaders) return tooLarge(this.#limits);
    const [, method, target, major, minor] =
      METHOD_AND_TARGET.exec(requestLine) ?? [];
    if (method === undefined || target === undefined || !isToken(method)) {
      return malformed("the request line cannot be read");
    }
    if (major !== "1") {
      return {
        kind: "malformed",
        status: 505,
        detail: "only HTTP/1.1 is spoken",
      };
    }
    const headers = parseHeaders(lines);
    if (headers === undefined) return malformed("a header line cannot be read");
    const path = method === "OPTIONS" && target === "*"
      ? target
      : originForm(percentEncoded(target));
    if (path === undefined) return malformed("the target is not a path");
    const head = { method, target: path, minorVersion: Number(minor), headers };
    return { kind: "head", head, size };
  }
}

/** Returns the values of a header, in the order they came. */
export function headerValues(head: RequestHead, name: string): string[] {
  return head.headers.filter(([key]) => key === name).map(([, value]) => value);
}

/** Returns the elements of a header that is a list, empty ones among them. */
export function headerItems(head: RequestHead, name: string): string[] {
  return headerValues(head, name)
    .flatMap((value) => value.split(","))
    .map((item) => item.trim());
}

/** Whether a comma-separated header names a token, in any case. */
export function hasToken(
  head: RequestHead,
  name: string,
  token: string,
): boolean {
  return headerItems(head, name).some((item) => item.toLowerCase() === token);
}

function parseHeaders(lines: string[]): [string, string][] | undefined {
  const headers: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    if (!isToken(name) || line.includes("\r")) return undefined;
    headers.push([name.toLowerCase(), trimBlanks(line, colon + 1)]);
  }
  return headers;
}

/** No regular expression: on a line of blanks it would take quadratic time. */
function trimBlanks(line: string, start: number): string {
  let end = line.length;
  while (start < end && isBlankCode(line.charCodeAt(start))) start++;
  while (start < end && isBlankCode(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

/** Browsers encode what is not ASCII, others send its bytes as they are. */
function percentEncoded(target: string): string {
  return target.replaceAll(
    /[\x80-\xff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** RFC 9112, section 3.2.2: a server accepts the absolute form too. */
function originForm(target: string): string | undefined {
  if (target.startsWith("/")) return target;
  const path = target.replace(ABSOLUTE_FORM, "");
  if (path === target) return undefined;
  return path.startsWith("/") ? path : `/${path}`;
}

/** Control characters other than tab, CR and LF have no place in a head. */
function isForbidden(byte: number): boolean {
  return (byte < 0x20 && byte !== 9 && byte !== CR) || byte === 0x7f;
}

function decodeLatin1(buffer: Uint8Array, start: number, end: number): string {
  return Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start)
    .toString("latin1");
}

function malformed(detail: string): HeadResult {
  return { kind: "malformed", status: 400, detail };
}

function tooLarge({ maxSize, maxHeaders }: HeadLimits): HeadResult {
  return {
    kind: "malformed",
    status: 431,
    detail: `the head has more than ${maxSize} bytes or ${maxHeaders} headers`,
  };
}
