import type { CommandContext } from "../options/command.ts";

/**
 * Says how many clients, or others, something reached.
 *
 * @param context What the command was given.
 * @param what What was done: `send to all`.
 * @param reached How many; `undefined` if that was not to be confirmed.
 * @param noun What was reached.
 * @returns The exit code: 1 if there was nobody.
 */
export function tellReached(
  { settings, output }: CommandContext,
  what: string,
  reached: number | undefined,
  noun = "client",
): number {
  if (settings.json) {
    output.out(`${JSON.stringify(reached === undefined ? {} : { reached })}\n`);
  } else if (reached !== undefined && reached > 0) {
    output.out(`Reached ${reached} ${reached === 1 ? noun : `${noun}s`}\n`);
  }
  if (reached !== 0) return 0;
  output.error(`Cannot ${what}: nobody was reached\n`);
  return 1;
}
