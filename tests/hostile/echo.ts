/** The handler of the cluster under attack. @module */

import type { HandlerEvent } from "../../mod.ts";
import { ASKING } from "./limits.ts";

/** What is sent to who asks for it. */
const MUCH = new Uint8Array(20_000);

/** Answers a message with the same, unless it asks for more. */
export default function echo(event: HandlerEvent): Uint8Array | undefined {
  if (event.type !== "message") return undefined;
  const message = event.bytes();
  return message.length === ASKING.length ? MUCH : message;
}
