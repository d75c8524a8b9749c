/**
 * Who asks "is anybody there?" gets an answer; what a sensor measures goes to the
 * group of those who watch.
 *
 * @module
 */
import type { Cluster, HandlerEvent } from "@gatewayworker/core";

/** Brings measurements to those who watch. */
export async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<string | undefined> {
  const isBrowser = event.type === "connect" && event.request !== undefined;
  if (isBrowser) await event.client.joinGroup("watchers");
  if (event.type !== "message") return undefined;
  await cluster.sendToGroup("watchers", event.text());
  return "ok";
}

export default handle;
