/** What workers of both versions run. @module */

import type { Cluster, HandlerEvent } from "../../mod.ts";

/** Of so many messages of a client, one takes long. */
const SLOW_EVERY = 64;

/** Long enough for the event to be deferred, in milliseconds. */
const SLOW_TIME = 600;

/**
 * Binds a client to the uid behind a "+"; hands every other message to the uid it names,
 * and counts it in the session.
 */
export default async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<string | undefined> {
  if (event.type !== "message") return undefined;
  const { client } = event;
  const text = event.text();
  if (text.startsWith("+")) {
    await client.bindUid(text.slice(1));
    return "+bound";
  }
  const count = Number(client.session["count"] ?? 0) + 1;
  client.session["count"] = count;
  if (count % SLOW_EVERY === 0) {
    await new Promise((resolve) => setTimeout(resolve, SLOW_TIME));
  }
  await cluster.sendToUid(text.slice(11, 15), text);
  return undefined;
}
