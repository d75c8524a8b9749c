import type { HandlerEvent } from "@gatewayworker/core";

/** Says back what it hears. */
export default function handle(event: HandlerEvent): string | undefined {
  return event.type === "message" ? event.text() : undefined;
}
