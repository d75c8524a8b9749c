/** The handler of the cluster under attack. @module */

import type { HandlerEvent } from "../../mod.ts";

/** What a client says that wants a long answer. */
export const ASKING = "Tell me everything";

/** What a client says that wants to be counted, and no answer. */
export const COUNTING = "Count";

/** What a client says that takes the handler some milliseconds. */
export const SLOWLY = "";

/** What a message begins with that is printed: what a report began with, once. */
export const PRINTED = "\x1e";

const LONG_ANSWER = new Uint8Array(20_000);

/** Answers a message with the same, unless it asks for something else. */
export default function echo(
  event: HandlerEvent,
): Uint8Array | Promise<undefined> | undefined {
  if (event.type !== "message") return undefined;
  if (event.binary) return event.bytes();
  const text = event.text();
  if (text === SLOWLY) return pass(4);
  if (text === COUNTING) {
    const { session } = event.client;
    session["count"] = Number(session["count"] ?? 0) + 1;
    return undefined;
  }
  // deno-lint-ignore no-console -- handlers print what clients send
  if (text.startsWith(PRINTED)) console.log(text);
  return text === ASKING ? LONG_ANSWER : event.bytes();
}

function pass(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) =>
    setTimeout(() => resolve(undefined), milliseconds)
  );
}
