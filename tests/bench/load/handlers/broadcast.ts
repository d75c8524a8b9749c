import type { Cluster, HandlerEvent } from "@gatewayworker/core";

/** Hands every message to everybody; answers what starts with a "+". */
export default async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<string | undefined> {
  if (event.type !== "message") return undefined;
  const text = event.text();
  if (text.startsWith("+")) return text;
  await cluster.sendToAll(text);
  return undefined;
}
