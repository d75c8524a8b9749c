/** A handler that blocks its event loop for ever at the first message. @module */

import type { HandlerEvent } from "../../../mod.ts";

/** Never returns from a message. */
export default function handle(event: HandlerEvent): void {
  if (event.type !== "message") return;
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}
