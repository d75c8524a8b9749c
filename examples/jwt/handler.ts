/**
 * Greets clients by the name that their token gave them; see `authorize.ts` for how
 * to run it.
 *
 * @module
 */
import type { HandlerEvent } from "@gatewayworker/core";

/** Answers with who one is. */
export default function handle(event: HandlerEvent): string | undefined {
  if (event.type !== "connect" && event.type !== "message") return undefined;
  const { uid, session } = event.client;
  return event.type === "connect"
    ? `hello ${session["name"]}`
    : `${uid}: ${event.text()}`;
}
