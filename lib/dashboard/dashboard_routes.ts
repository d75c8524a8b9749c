import type { Route } from "../admin/router.ts";
import { errorResponse } from "../admin/router.ts";
import { ASSETS, PAGE } from "./assets.ts";
import { clientRoutes, type ClientSource } from "./client_routes.ts";
import type { ClusterWatch } from "./cluster_watch.ts";
import { eventStream } from "./event_stream.ts";

/** Most pages that watch at a time. */
const MAX_WATCHERS = 64;

/** The page and its files hold no secret, load nothing from elsewhere, and are framed by nobody. */
const PAGE_HEADERS = {
  "cache-control": "no-cache",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css",
  html: "text/html",
  js: "text/javascript",
  svg: "image/svg+xml",
};

/** Options for {@linkcode dashboardRoutes}. */
export interface DashboardOptions extends ClientSource {
  /** Looks at the cluster. */
  readonly watch: ClusterWatch;
  /** Whether whoever watches knows a token: there is none otherwise. */
  readonly hasToken: boolean;
}

/**
 * Returns the routes of the page that shows the cluster: itself and its files, which
 * anybody may load, and what they show. Where there is no token, that is the nodes
 * and their figures, and nothing of clients.
 */
export function dashboardRoutes(options: DashboardOptions): Route[] {
  return [
    fileRoute("/", "index.html", PAGE),
    ...Object.entries(ASSETS).map(([name, text]) =>
      fileRoute(`/assets/${name}`, name, text)
    ),
    {
      method: "GET",
      path: "/events",
      openTo: "machine",
      answer: ({ method }) => answerEvents(options, method),
    },
    ...clientRoutes(options),
  ];
}

function answerEvents(
  { watch, hasToken }: DashboardOptions,
  method: string,
): Response {
  if (watch.watchers >= MAX_WATCHERS) {
    return errorResponse(503, "Cannot show the cluster: too many pages do");
  }
  // Whoever asks for the head alone must not be told all else for ever.
  return method === "HEAD" ? new Response() : eventStream(watch, hasToken);
}

function fileRoute(path: string, name: string, text: string): Route {
  const type = TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "text/plain";
  const headers = {
    ...PAGE_HEADERS,
    "content-type": `${type}; charset=utf-8`,
  };
  return {
    method: "GET",
    path,
    openTo: "anybody",
    answer: () => new Response(text, { headers }),
  };
}
