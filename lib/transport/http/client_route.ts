import file from "../../client/bundle/client.js" with { type: "text" };
import type { HttpAnswer } from "./http_answer.ts";
import { headerItems, type RequestHead } from "./http_head.ts";
import type { HttpRoute } from "./http_routes.ts";

/** Where pages find the client library. */
export const CLIENT_PATH = "/client.js";

/** What it was made of, which its first line says. */
const TAG = `"${/\w+$/.exec(file.split("\n", 1)[0] ?? "")?.[0] ?? ""}"`;

const HEADERS = [
  ["ETag", TAG],
  // An hour, then asked for anew, and sent only if it is another one.
  ["Cache-Control", "public, max-age=3600"],
  // It is public, and pages of any origin may run it.
  ["Access-Control-Allow-Origin", "*"],
  ["Cross-Origin-Resource-Policy", "cross-origin"],
  ["X-Content-Type-Options", "nosniff"],
] as const;

const FILE: HttpAnswer = {
  status: 200,
  body: file,
  headers: [["Content-Type", "text/javascript; charset=utf-8"], ...HEADERS],
};

const UNCHANGED: HttpAnswer = { status: 304, headers: HEADERS };

/** Serves the client library, so that a page needs no build. */
export const serveClient: HttpRoute = (request) =>
  has(request, TAG) ? UNCHANGED : FILE;

/** Whether somebody has it already (RFC 9110, section 13.1.2). */
function has(request: RequestHead, tag: string): boolean {
  const tags = headerItems(request, "if-none-match");
  return tags.some((each) => each === "*" || each.replace(/^W\//, "") === tag);
}
