import { fileURLToPath } from "node:url";
import { formatLoadArgs, type LoadOptions } from "../load/load_options.ts";
import { runGenerator } from "../load/measure.ts";
import { UnavailableError } from "../load/peer_folder.ts";
import { rolePlanOf } from "../load/role_plan.ts";
import { ours, startServer } from "../load/servers.ts";
import { ANSWER_FOLDER } from "./allocations.ts";
import type { Counts } from "./counts.ts";

/** Most seconds that the counting of one load may take. */
const LIMIT = 90;

/**
 * Counts what the processes of a server do for each message of a load.
 *
 * @param name `ours`, or `ours@REVISION`.
 * @throws {UnavailableError} If it is none of ours.
 */
export async function countWork(
  load: LoadOptions,
  name: string,
  stop: AbortSignal,
): Promise<Counts> {
  const plan = rolePlanOf(name);
  if (plan === undefined) throw new UnavailableError(`Cannot count "${name}"`);
  const folder = await Deno.makeTempDir();
  const env = { [ANSWER_FOLDER]: folder };
  try {
    const module = pathOf("allocation_probe.ts");
    const kind = ours({ ...plan, probe: { module, env } });
    await using server = await startServer(kind, load.mode);
    // The Register has no part in a message.
    const watched = server.target.watched.filter(({ name }) =>
      name !== "register"
    );
    const args = formatLoadArgs(load, { ...server.target, watched });
    const program = pathOf("counted_load.ts");
    return await runGenerator(program, args, { limit: LIMIT, stop, env });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
