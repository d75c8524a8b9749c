import type { HttpAnswer } from "./http_answer.ts";
import type { RequestHead } from "./http_head.ts";

/** Answers who asks for a path with GET or HEAD. Must not throw. */
export type HttpRoute = (request: RequestHead) => HttpAnswer;

/** What is answered to those who speak HTTP and no WebSocket, by path. */
export type HttpRoutes = ReadonlyMap<string, HttpRoute>;

const NOT_STORED = [["Cache-Control", "no-store"]] as const;

const METHODS = "GET, HEAD, OPTIONS";

/**
 * Returns the routes that load balancers ask: `/healthz`, whether anybody answers at
 * all, and `/readyz`, whether clients should be sent here.
 *
 * @param whyNotReady Says why they should not; `undefined` if they should.
 */
export function healthRoutes(
  whyNotReady: () => string | undefined,
): HttpRoutes {
  return new Map([
    ["/healthz", () => ({ status: 200, body: "ok", headers: NOT_STORED })],
    ["/readyz", () => {
      const reason = whyNotReady();
      return reason === undefined
        ? { status: 200, body: "ready", headers: NOT_STORED }
        : {
          status: 503,
          body: `503 not ready: ${reason}\n`,
          headers: NOT_STORED,
        };
    }],
  ]);
}

/** Answers a request by somebody who speaks HTTP and no WebSocket. */
export function answerTo(
  request: RequestHead,
  routes: HttpRoutes,
): HttpAnswer {
  const { method, target } = request;
  if (method === "OPTIONS") {
    return { status: 200, headers: [["Allow", METHODS]] };
  }
  if (method !== "GET" && method !== "HEAD") return WRONG_METHOD;
  const route = routes.get(target.replace(/\?.*$/s, ""));
  return route?.(request) ?? WEBSOCKET_ONLY;
}

const WRONG_METHOD: HttpAnswer = {
  status: 405,
  body: `405 only ${METHODS} are answered here\n`,
  headers: [["Allow", METHODS]],
};

const WEBSOCKET_ONLY: HttpAnswer = {
  status: 426,
  body:
    "426 this port speaks WebSocket: connect to it with a ws:// or wss:// address\n",
  headers: [["Upgrade", "websocket"], ["Sec-WebSocket-Version", "13"]],
};
