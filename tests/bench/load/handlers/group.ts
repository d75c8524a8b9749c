import type { Cluster, HandlerEvent } from "@gatewayworker/core";

/**
 * Puts a client into the group behind a "+", and into as many further ones of its own
 * as the number behind that says; hands every other message to the group it names.
 */
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
  const [group = "", more = "0"] = text.slice(1).split(" ");
  await event.client.joinGroup(group);
  for (let each = 0; each < Number(more); each++) {
    await event.client.joinGroup(`${event.client.id} ${each}`);
  }
  return "+joined";
}
