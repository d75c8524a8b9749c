import type { Route } from "../workers/route.ts";
import type { SendingLinks } from "./moves_parts.ts";

/**
 * Leaves a client that has come from another gateway with the worker that it had there.
 * What handlers send for it goes to other gateways by that worker's links, in order; by
 * another worker's it could pass by what was sent before.
 *
 * @param route The client, whose events no worker has.
 * @param links Who is linked here.
 * @param instance The worker; `undefined` if there was none.
 */
export function stayWith(
  route: Route,
  links: SendingLinks,
  instance: string | undefined,
): void {
  if (instance === undefined || route.link !== undefined) return;
  for (const link of links.senders()) {
    if (link.link.peer.instance !== instance || !link.takesClients) continue;
    return route.bind(link);
  }
}
