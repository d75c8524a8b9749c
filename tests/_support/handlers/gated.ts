// deno-lint-ignore-file no-console -- what a test waits for goes to standard output
/** A handler that takes its time when it is told to, and says who left. @module */

import type { HandlerEvent } from "../../../mod.ts";

/** Milliseconds that it takes for `slow`. */
const SLOW = 800;

/** Keeps the first message as the name; answers with its process id and what was said. */
export default async function handle(
  event: HandlerEvent,
): Promise<string | undefined> {
  if (event.type === "close") {
    console.log(`gone ${event.client.session["name"]} ${event.code}`);
  }
  if (event.type !== "message") return undefined;
  const text = event.text();
  event.client.session["name"] ??= text;
  if (text === "slow") {
    console.log("slow begins");
    await new Promise((resolve) => setTimeout(resolve, SLOW));
  }
  return `${Deno.pid} ${text}`;
}
