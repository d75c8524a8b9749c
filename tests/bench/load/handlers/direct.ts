import type { Cluster, HandlerEvent } from "@gatewayworker/core";

/** Binds a client to the uid behind a "+"; hands every other message to the uid it names. */
export default async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<string | undefined> {
  if (event.type !== "message") return undefined;
  const text = event.text();
  if (!text.startsWith("+")) {
    await cluster.sendToUid(text.slice(11, 15), text);
    return undefined;
  }
  await event.client.bindUid(text.slice(1));
  return "+bound";
}
