import { messageOf } from "../../base/errors.ts";
import { pause } from "../../base/pause.ts";
import { onSignals } from "../../process/signals.ts";
import type { CommandContext } from "../options/command.ts";

/** Goes to the upper left corner, and clears from there to the end. */
const CLEAR = "\x1b[H\x1b[J";

/**
 * Prints something once, or again and again until Ctrl-C if `--watch` says so.
 *
 * @param context What the command was given.
 * @param toText Makes what is printed.
 */
export async function printOrWatch(
  { settings, output }: CommandContext,
  toText: () => Promise<string>,
): Promise<void> {
  if (!settings.watch) return output.out(await toText());
  const end = new AbortController();
  const stop = () => end.abort();
  using _signals = onSignals({ stop, stopNow: stop });
  let text = await toText();
  const clears = Deno.stdout.isTerminal() && !settings.json;
  while (!end.signal.aborted) {
    output.out(clears ? `${CLEAR}${text}` : text);
    await pause(Math.max(100, settings.interval * 1000), end.signal);
    text = await orReason(toText);
  }
}

/** Whoever watches wants to see that it is gone, and that it comes back. */
async function orReason(toText: () => Promise<string>): Promise<string> {
  try {
    return await toText();
  } catch (error) {
    return `${messageOf(error)}\n`;
  }
}
