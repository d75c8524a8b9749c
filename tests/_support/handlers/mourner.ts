// deno-lint-ignore-file no-console -- what a test waits for goes to standard output
/** A handler that says who left. @module */

import type { HandlerEvent } from "../../../mod.ts";

/** Keeps the first message as the name, and prints it when the client is gone. */
export default function handle(event: HandlerEvent): string | undefined {
  if (event.type === "message") {
    event.client.session["name"] = event.text();
    return `pid ${Deno.pid}`;
  }
  if (event.type === "close") {
    console.log(`gone ${event.client.session["name"]} ${event.code}`);
  }
  return undefined;
}
