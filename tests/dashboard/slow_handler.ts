/** A handler that takes its time. @module */

import type { HandlerEvent } from "../../mod.ts";

/** Milliseconds that each message takes. */
const TIME = 10_000;

/** Echoes, much later. */
export default async function handle(
  event: HandlerEvent,
): Promise<string | undefined> {
  if (event.type !== "message") return undefined;
  await new Promise((resolve) => setTimeout(resolve, TIME));
  return event.text();
}
