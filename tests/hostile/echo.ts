/** The handler of the cluster under attack. @module */

import type { HandlerEvent } from "../../mod.ts";

/** What a client says that wants a long answer. */
export const ASKING = "Tell me everything";

const LONG_ANSWER = new Uint8Array(20_000);

/** Answers a message with the same, unless it asks for more. */
export default function echo(event: HandlerEvent): Uint8Array | undefined {
  if (event.type !== "message") return undefined;
  const isAsking = !event.binary && event.text() === ASKING;
  return isAsking ? LONG_ANSWER : event.bytes();
}
