import type { Role } from "../../base/role.ts";
import { type Host, SupervisedHost } from "../../process/host.ts";
import { startLogging } from "../../process/logging.ts";
import { type RoleRun, runRole } from "../../process/run_role.ts";
import { surviveUncaught } from "../../process/uncaught.ts";
import type { CommandContext } from "../options/command.ts";

/** How a process that runs until it is stopped presents itself. */
export interface ServeOptions {
  /** What its log lines say: `gateway 0`. */
  readonly who: string;
  /** Under which name it takes orders; no two of a name run in one directory. */
  readonly controlName: string;
}

/** Runs a role in this process until whoever started it wants it to stop. */
export type Serve = <R extends Role>(
  context: CommandContext,
  options: ServeOptions,
  toRun: (host: Host) => RoleRun<R>,
) => Promise<number>;

/**
 * Runs a role under a supervisor: logging on, stopped by its orders.
 *
 * @param context What the process was told.
 * @param options How the process presents itself.
 * @param toRun The role, for the host that it runs under.
 * @returns The exit code.
 */
export async function serveChild<R extends Role>(
  { settings: { logLevel: levels, logFormat: format } }: CommandContext,
  { who }: Pick<ServeOptions, "who">,
  toRun: (host: Host) => RoleRun<R>,
): Promise<number> {
  using _logging = startLogging({ levels, format, who });
  using _uncaught = surviveUncaught();
  await using host = await SupervisedHost.open();
  return await runRole(toRun(host), host);
}
