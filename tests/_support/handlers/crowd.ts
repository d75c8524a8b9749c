/** A handler for many clients on several gateways. @module */

import type { Cluster, HandlerEvent } from "../../../mod.ts";

/**
 * Puts every client in one group. `who` is answered with the worker's process id,
 * everything else goes to the group.
 */
export default async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<string | undefined> {
  if (event.type === "connect") {
    await event.client.joinGroup("crowd");
    return `joined ${Deno.pid}`;
  }
  if (event.type !== "message") return undefined;
  if (event.text() === "who") return `pid ${Deno.pid}`;
  await cluster.sendToGroup("crowd", event.text());
  return undefined;
}
