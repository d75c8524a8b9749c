/** A handler that takes clients for whom they say they are. @module */

import type { HandlerEvent } from "../../../mod.ts";

/** Binds the client to the uid that a message is, and says it back. */
export default async function handle(
  event: HandlerEvent,
): Promise<string | undefined> {
  if (event.type !== "message") return undefined;
  await event.client.bindUid(event.text());
  return event.text();
}
