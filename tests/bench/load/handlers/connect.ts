import type { HandlerEvent } from "@gatewayworker/core";

/** Greets every client; says back what it hears. */
export default function handle(event: HandlerEvent): string | undefined {
  if (event.type === "connect") return "+welcome";
  return event.type === "message" ? event.text() : undefined;
}
