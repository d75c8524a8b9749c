/** A handler that prints, and leaves a timer behind. @module */

import type { HandlerEvent } from "../../../mod.ts";
import { writeAll } from "../../../lib/process/write_all.ts";

setInterval(() => {}, 60_000);
writeAll(Deno.stdout, "handler loaded\n");

/** Answers with the id of the process that it runs in. */
export default function handle(event: HandlerEvent): string | undefined {
  return event.type === "message" ? `pid ${Deno.pid}` : undefined;
}
