import type { Client } from "../clients/client.ts";
import type { Route } from "../workers/route.ts";

/** The routes of those clients that match, as they are now. */
export function routesOf(
  clients: Iterable<Client>,
  matches: (route: Route) => boolean,
): Route[] {
  const routes: Route[] = [];
  for (const { route } of clients) if (matches(route)) routes.push(route);
  return routes;
}
