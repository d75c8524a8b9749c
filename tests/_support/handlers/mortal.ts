/** A handler that ends its process when a client says so. @module */

import type { HandlerEvent } from "../../../mod.ts";

/** Echoes, except for the word that kills. */
export default function handle(event: HandlerEvent): string | undefined {
  if (event.type !== "message") return undefined;
  if (event.text() === "die") Deno.exit(9);
  return event.text();
}
