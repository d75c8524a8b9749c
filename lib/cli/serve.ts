import type { Role } from "../base/role.ts";
import { roomLogger } from "../observe/logger.ts";
import {
  ForegroundHost,
  type Host,
  type Lines,
  SupervisedHost,
} from "../process/host.ts";
import { startLogging } from "../process/logging.ts";
import { type RoleRun, runRole } from "../process/run_role.ts";
import type { CommandContext } from "./command.ts";

const logger = roomLogger("cli");

/** How a process that runs until it is stopped presents itself. */
export interface ServeOptions {
  /** What its log lines say: `gateway 0`. */
  readonly who: string;
  /** Whether SIGHUP means reload; otherwise it ends the process. */
  readonly reloads?: boolean;
}

/**
 * Runs a role as a command does: logging on, stopped by signals or by its
 * supervisor.
 *
 * @param context What the command was given.
 * @param options How the process presents itself.
 * @param toRun The role, for the host that it runs under.
 * @returns The exit code.
 */
export async function serve<R extends Role>(
  { settings, output }: CommandContext,
  { who, reloads = false }: ServeOptions,
  toRun: (host: Host) => RoleRun<R>,
): Promise<number> {
  const { logLevel: level, logFormat: format, supervised } = settings;
  using _logging = startLogging({ level, format, who });
  const lines: Lines = {
    // Whoever reads JSON lines wants nothing else in between.
    out: format === "json"
      ? (line) => logger.info("{line}", { line })
      : (line) => output.out(`${line}\n`),
    error: (line) => output.error(`${line}\n`),
  };
  await using host = supervised
    ? new SupervisedHost()
    : new ForegroundHost(lines, reloads);
  return await runRole(toRun(host), host);
}
