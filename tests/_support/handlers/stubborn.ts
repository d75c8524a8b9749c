/** A handler that never comes to an end. @module */

import type { HandlerEvent } from "../../../mod.ts";

/** Says that it was told to stop, and does not. */
export default async function handle(event: HandlerEvent): Promise<void> {
  if (event.type === "stop") await new Promise<never>(() => {});
}
