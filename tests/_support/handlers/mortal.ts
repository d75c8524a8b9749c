/** A handler that does what a client says, such as ending its process. @module */

import type { HandlerEvent } from "../../../mod.ts";

/** Echoes, except for the words that harm. */
export default function handle(
  event: HandlerEvent,
): string | undefined | Promise<never> {
  if (event.type !== "message") return undefined;
  switch (event.text()) {
    case "die":
      Deno.exit(9);
      break;
    case "throw":
      throw new RangeError("as the client wished");
    case "hang":
      return new Promise<never>(() => {});
  }
  return event.text();
}
