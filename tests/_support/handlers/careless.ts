/**
 * A handler, and an `authorize`, that leave errors to nobody: in a promise that they do
 * not await, and in a timer.
 *
 * @module
 */
import { accept, type HandlerEvent } from "../../../mod.ts";

function leave(how: string, secret: string): void {
  if (how === "promise") void Promise.reject(new RangeError(secret));
  if (how === "timer") {
    setTimeout(() => {
      throw new TypeError(secret);
    });
  }
}

/** Lets everybody in, after it has left an error to nobody. */
export function authorize() {
  leave("promise", "let in");
  leave("timer", "let in");
  return accept();
}

/** Answers with the process id; what is asked for is left to nobody. */
export default function handle(event: HandlerEvent): string | undefined {
  if (event.type !== "message") return undefined;
  leave(event.text(), "told");
  return String(Deno.pid);
}
