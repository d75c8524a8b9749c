import { messageOf } from "../base/errors.ts";
import { roomLogger } from "../observe/logger.ts";
import { type Group, Supervisor } from "../process/supervisor.ts";
import { writeAll } from "../process/write_all.ts";
import type { CommandContext } from "./command.ts";
import { serve } from "./serve.ts";

const logger = roomLogger("cli");

/** The group whose code is loaded anew on SIGHUP. */
export const WORKERS = "workers";

/**
 * Runs groups of children until told to stop.
 *
 * @param context What the command was given.
 * @param toGroups What to run, in the order of starting; may throw why it cannot.
 * @returns The exit code.
 */
export async function supervise(
  context: CommandContext,
  toGroups: () => readonly Group[],
): Promise<number> {
  const stopTimeout = context.settings.stopTimeout * 1000;
  const addresses = new Set<string>();
  const options = { who: "supervisor", reloads: true };
  return await serve(context, options, (host) => ({
    what: "supervisor",
    start: (signal) =>
      Supervisor.start({
        groups: toGroups(),
        stopTimeout,
        signal,
        killSignal: host.stopNow,
        onOutput: (bytes) => writeAll(Deno.stdout, bytes),
        onReady: (readiness) => {
          for (const address of readiness.addresses) addresses.add(address);
          host.ready(readiness);
        },
      }),
    readiness: (supervisor) => {
      host.onReload = () => reload(supervisor);
      return { line: summary(addresses), addresses: [] };
    },
  }));
}

function summary(addresses: ReadonlySet<string>): string {
  const where = addresses.size === 0 ? "" : `: ${[...addresses].join(", ")}`;
  return `All ready${where}  (stop with Ctrl-C)`;
}

/** Never rejects: nobody waits for a reload that a signal asked for. */
async function reload(supervisor: Supervisor): Promise<void> {
  logger.info("Reloading the workers, one after another");
  try {
    await supervisor.replaceAll(WORKERS);
    logger.info("Reloaded the workers");
  } catch (error) {
    logger.error("Reload ended early: {cause}", { cause: messageOf(error) });
  }
}
