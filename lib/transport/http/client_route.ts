import client from "../../client/bundle/client.js" with { type: "text" };
import contract from "../../client/bundle/contract.js" with { type: "text" };
import presence from "../../client/bundle/presence.js" with { type: "text" };
import sse from "../../client/bundle/sse.js" with { type: "text" };
import tabs from "../../client/bundle/tabs.js" with { type: "text" };
import type { HttpAnswer } from "./http_answer.ts";
import { headerItems, type RequestHead } from "./http_head.ts";
import type { HttpRoute } from "./http_routes.ts";

/** Routes by which pages find the client library, so that none needs a build. */
export const CLIENT_ROUTES: readonly (readonly [string, HttpRoute])[] = [
  ["/client.js", serve(client)],
  ["/contract.js", serve(contract)],
  ["/presence.js", serve(presence)],
  ["/sse.js", serve(sse)],
  ["/tabs.js", serve(tabs)],
];

function serve(file: string): HttpRoute {
  // What it was made of, which its first line says.
  const tag = `"${/\w+$/.exec(file.split("\n", 1)[0] ?? "")?.[0] ?? ""}"`;
  const headers = [
    ["ETag", tag],
    // An hour, then asked for anew, and sent only if it is another one.
    ["Cache-Control", "public, max-age=3600"],
    // It is public, and pages of any origin may run it.
    ["Access-Control-Allow-Origin", "*"],
    ["Cross-Origin-Resource-Policy", "cross-origin"],
    ["X-Content-Type-Options", "nosniff"],
  ] as const;
  const whole: HttpAnswer = {
    status: 200,
    body: file,
    headers: [["Content-Type", "text/javascript; charset=utf-8"], ...headers],
  };
  const unchanged: HttpAnswer = { status: 304, headers };
  return (request) => has(request, tag) ? unchanged : whole;
}

/** Whether somebody has it already (RFC 9110, section 13.1.2). */
function has(request: RequestHead, tag: string): boolean {
  const tags = headerItems(request, "if-none-match");
  return tags.some((each) => each === "*" || each.replace(/^W\//, "") === tag);
}
