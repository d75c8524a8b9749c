import type { Cluster, HandlerEvent } from "@gatewayworker/core";

/** Puts a client into the group behind a "+"; hands every other message to the group it names. */
export default async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<string | undefined> {
  if (event.type !== "message") return undefined;
  const text = event.text();
  if (!text.startsWith("+")) {
    await cluster.sendToGroup(text.slice(11, 15), text);
    return undefined;
  }
  await event.client.joinGroup(text.slice(1));
  return "+joined";
}
