import { isOrigin } from "../admission/origin.ts";
import type { HeaderList } from "../http/http_answer.ts";
import {
  headerItems,
  headerValues,
  type RequestHead,
} from "../http/http_head.ts";

/** The header that names a stream: `v1` begins one, its token goes on with it. */
export const STREAM_HEADER = "gatewayworker-stream";

/** The header that counts what is posted to a stream, from 0. */
export const NUMBER_HEADER = "gatewayworker-number";

/** The header that says for how long an answer may be: `short` or left out. */
export const LIFE_HEADER = "gatewayworker-life";

/** Seconds for which browsers may remember what they may ask; none remembers it longer. */
const MAX_AGE = "7200";

/**
 * Says what a page may do with an answer (Fetch, section 3.2). Where pages are listed,
 * they may send cookies as well, as those of a WebSocket come by themselves; where all
 * may come, none may.
 *
 * @returns Headers of the answer; `undefined` if the page may not come at all.
 */
export function corsHeaders(
  head: RequestHead,
  origins: readonly string[],
): HeaderList | undefined {
  const [origin] = headerValues(head, "origin");
  if (origins.length === 0) return [["Access-Control-Allow-Origin", "*"]];
  const vary = ["Vary", "Origin"] as const;
  if (origin === undefined) return [vary];
  if (!origins.some((allowed) => isOrigin(origin, allowed))) return undefined;
  return [
    ["Access-Control-Allow-Origin", origin],
    ["Access-Control-Allow-Credentials", "true"],
    vary,
  ];
}

/** Whether a browser asks on behalf of a page what it may ask of streams. */
export function isPreflight(head: RequestHead): boolean {
  return head.method === "OPTIONS" &&
    headerItems(head, "access-control-request-headers")
      .some((name) => name.toLowerCase() === STREAM_HEADER);
}

/** What such a question is answered with, beside {@linkcode corsHeaders}. */
export const PREFLIGHT: HeaderList = [
  ["Access-Control-Allow-Methods", "GET, POST"],
  [
    "Access-Control-Allow-Headers",
    `content-type, ${STREAM_HEADER}, ${NUMBER_HEADER}, ${LIFE_HEADER}`,
  ],
  ["Access-Control-Max-Age", MAX_AGE],
];
