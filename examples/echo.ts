// Says back whatever it hears, through all three roles. From the checkout:
//
//   deno run -A cli.ts start examples/echo.ts
//
// then, in a second shell:
//
//   deno eval 'const s = new WebSocket("ws://127.0.0.1:8282"); s.onopen = () => s.send("hello"); s.onmessage = (e) => (console.log(e.data), s.close())'
import type { HandlerEvent } from "@gatewayworker/core";

/** What a handler returns goes to the client. */
export default function handle(
  event: HandlerEvent,
): string | Uint8Array | undefined {
  if (event.type !== "message") return undefined;
  return event.binary ? event.bytes() : event.text();
}
