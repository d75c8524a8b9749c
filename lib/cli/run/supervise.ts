import { roomLogger } from "../../observe/logger.ts";
import type { Group, Say } from "../../process/supervisor.ts";
import { Supervisor } from "../../process/supervisor.ts";
import { writeAll } from "../../process/write_all.ts";
import type { CommandContext } from "../options/command.ts";
import { answer } from "../ask/question.ts";
import { renewAll } from "./renew_trust.ts";
import { childStartTimeoutOf, stopTimeoutOf } from "../options/role_options.ts";
import { serve } from "./serve.ts";
import { WorldFiles } from "../world/world_files.ts";
import { answersOf } from "./supervisor_answers.ts";

const logger = roomLogger("cli");

/** The group whose code can be loaded anew. */
export const WORKERS = "workers";

/**
 * Runs groups of children until told to stop.
 *
 * @param context What the command was given.
 * @param controlName Under which name it takes orders.
 * @param toGroups What to run, in the order of starting; may throw why it cannot. Takes
 * where the worlds of modules are written down until the end.
 * @returns The exit code.
 */
export async function supervise(
  context: CommandContext,
  controlName: string,
  toGroups: (
    worlds: WorldFiles,
  ) => readonly Group[] | Promise<readonly Group[]>,
): Promise<number> {
  using worlds = new WorldFiles();
  const stopTimeout = stopTimeoutOf(context.settings);
  const addresses = new Set<string>();
  const options = { who: "supervisor", controlName };
  return await serve(context, options, (host) => ({
    what: "supervisor",
    start: async (signal) =>
      await Supervisor.start({
        groups: await toGroups(worlds),
        startTimeout: childStartTimeoutOf(context.settings),
        hangTimeout: context.settings.hangTimeout * 1000,
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
      host.onReload = (say) => reload(supervisor, say);
      host.onAsk = (question) => answer(question, answersOf(supervisor));
      return { line: summary(addresses), addresses: [] };
    },
  }));
}

function summary(addresses: ReadonlySet<string>): string {
  const where = addresses.size === 0 ? "" : `: ${[...addresses].join(", ")}`;
  return `All ready${where}  (stop with Ctrl-C)`;
}

async function reload(supervisor: Supervisor, say: Say): Promise<void> {
  await renewAll(supervisor, say);
  if (!supervisor.has(WORKERS)) return;
  logger.info("Reloading the workers, one after another");
  await supervisor.replaceAll(WORKERS, (line) => {
    logger.info("{line}", { line });
    say(line);
  });
  logger.info("Reloaded the workers");
}
