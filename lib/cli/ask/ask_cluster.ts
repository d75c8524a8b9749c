import { messageOf } from "../../base/errors.ts";
import { type ClusterReport, mergeReports } from "../../observe/report.ts";
import type { CommandContext } from "../options/command.ts";
import { LocalProcesses, NothingRunsError } from "./local_processes.ts";
import { isClusterReport } from "./question.ts";
import { runtimeDirOf } from "./runtime.ts";
import { trustOptions } from "../options/role_options.ts";

/** Whether a command is about the whole cluster, rather than about this machine. */
export function isAboutCluster({ origins }: CommandContext): boolean {
  return origins.has("register") && !origins.has("runtimeDir");
}

/**
 * Asks how everybody is: the Registers if they were named, otherwise what runs on
 * this machine.
 *
 * @throws {NothingRunsError} If nobody answers.
 */
export async function askReport(
  context: CommandContext,
): Promise<ClusterReport> {
  if (isAboutCluster(context)) return await askRegisters(context);
  const local = await LocalProcesses.find(runtimeDirOf(context.settings));
  const answers = await local.ask({ about: "report" });
  return mergeReports(answers.filter(isClusterReport));
}

async function askRegisters(
  { settings }: CommandContext,
): Promise<ClusterReport> {
  const { askRegister } = await import("../../roster/register_status.ts");
  const { Trust } = await import("../../peer/trust.ts");
  const { register } = settings;
  const trust = await Trust.load(trustOptions(settings));
  const asked = await Promise.allSettled(
    register.map((each) => askRegister({ register: each, trust })),
  );
  const answers = asked.filter((each) => each.status === "fulfilled");
  if (answers.length > 0) {
    return mergeReports(answers.map(({ value }) => value));
  }
  const [failure] = asked.filter((each) => each.status === "rejected");
  const reason = messageOf(failure?.reason);
  throw new NothingRunsError(
    reason.startsWith("Cannot ")
      ? reason
      : `Cannot ask Register ${register.join(", ")}: ${reason}`,
  );
}
