/** Who may ask something without knowing the token. */
export type OpenTo =
  /** Anybody. */
  | "anybody"
  /** As long as there is no token, whoever is on this machine. */
  | "machine";

/** Something that can be asked of an admin server. */
export interface Route {
  /** Which requests. */
  readonly method: "GET" | "POST";
  /** Path without query, such as `/api/send`. */
  readonly path: string;
  /**
   * Who may ask without the token: `anybody`, or, where there is no token, whoever is
   * on this `machine`. If left out, it is not answered without one.
   */
  readonly openTo?: OpenTo;
  /** Answers. What it throws becomes an error response. */
  answer(request: Request, url: URL): Response | Promise<Response>;
}

/** Finds who answers a request: by path, then by method. */
export class Router {
  readonly #routes: readonly Route[];

  /** Takes the routes of one server; of two alike the first counts. */
  constructor(routes: readonly Route[]) {
    this.#routes = routes;
  }

  /**
   * Finds the route of a request. HEAD is asked as GET; whoever serves leaves out
   * the body.
   *
   * @returns The route, or the response that there is none.
   */
  find(method: string, path: string): Route | Response {
    const routes = this.#routes.filter((route) => route.path === path);
    if (routes.length === 0) {
      return errorResponse(404, `Cannot answer as there is no ${path}`);
    }
    const asked = method === "HEAD" ? "GET" : method;
    const allowed = routes.map((route) => route.method).join(", ");
    return routes.find((route) => route.method === asked) ??
      errorResponse(405, `Cannot ${method} ${path}: use ${allowed}`, {
        headers: { allow: allowed },
      });
  }
}

/** Makes a response of JSON. */
export function jsonResponse(
  status: number,
  value: unknown,
  headers: HeadersInit = {},
): Response {
  const response = Response.json(value, { status, headers });
  response.headers.set("cache-control", "no-store");
  return response;
}

/** Further facts of an error response. */
export interface ErrorFacts {
  /** Headers to add. */
  readonly headers?: HeadersInit;
  /** Fields to add to the body. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Makes the response that says what went wrong. */
export function errorResponse(
  status: number,
  error: string,
  { headers = {}, fields = {} }: ErrorFacts = {},
): Response {
  return jsonResponse(status, { error, ...fields }, headers);
}
