import { fileURLToPath } from "node:url";
import { endsWithin } from "../../base/pause.ts";
import type { ChildSpec } from "../../process/child.ts";
import { childSpec } from "./child_command.ts";
import type { Command, CommandContext } from "../options/command.ts";
import { words } from "../options/option_kind.ts";
import { LINKED_ROLE_KEYS } from "../options/process_options.ts";
import { keysOf } from "../options/option_table.ts";
import { toHandlerUrl } from "../options/handler_url.ts";
import { answer, NOBODY } from "../ask/question.ts";
import { stopTimeoutOf, workerOptions } from "../options/role_options.ts";
import { serve } from "../run/serve.ts";
import { supervise, WORKERS } from "../run/supervise.ts";
import { NODE_TRUST_KEYS } from "../options/trust_options.ts";
import { WORKER_OPTIONS } from "../options/worker_options.ts";

/** How long a worker that cannot join is waited for, in milliseconds. */
const JOIN_TIME = 2_000;

/** Runs workers under a supervisor, or one in this process. */
export const workerCommand: Command = {
  name: "worker",
  operands: ["HANDLER"],
  summary: "run workers, which run your code",
  description:
    `Runs workers: each links to every gateway that the Register knows and calls the
function that the module HANDLER exports as default. Add and remove workers at
any time; no client notices.`,
  examples: `
# one worker, everything else on this machine
deno run -A cli.ts worker handler.ts
# four on a machine of their own
deno run -A cli.ts worker handler.ts --count 4 --register 10.0.0.1:1236
# handlers that may talk to the database and nothing else
deno run -A cli.ts worker handler.ts --worker-permissions "--allow-net=127.0.0.1,10.0.0.1"`,
  options: [
    ...keysOf(WORKER_OPTIONS),
    "register",
    "count",
    "name",
    ...NODE_TRUST_KEYS,
    ...LINKED_ROLE_KEYS,
    "id",
  ],
  run: async (context) => {
    const { supervised, alone, count } = context.settings;
    if (supervised || alone) return await runOne(context);
    return await supervise(context, `worker-${Deno.pid}`, () => [{
      name: WORKERS,
      children: workerChildren(context, count),
    }]);
  },
};

/**
 * How to run `count` workers as children.
 *
 * @throws {TypeError} If there is no such handler, before any is started.
 */
export function workerChildren(
  { settings, operands, entry }: CommandContext,
  count: number,
): ChildSpec[] {
  const url = new URL(toHandlerUrl(operands[0] ?? ""));
  return Array.from({ length: count }, (_, id) =>
    childSpec({
      name: `worker ${id}`,
      command: workerCommand,
      operands,
      settings: { ...settings, id },
      entry,
      permissions: words(settings.workerPermissions),
      files: url.protocol === "file:" ? [fileURLToPath(url)] : [],
    }));
}

async function runOne(context: CommandContext): Promise<number> {
  const { BusinessWorker } = await import("../../worker/mod.ts");
  const { settings, operands: [handler = ""] } = context;
  const { register, id } = settings;
  const options = { who: `worker ${id}`, controlName: `worker-${Deno.pid}` };
  let isJoined = false;
  return await serve(context, options, (host) => ({
    what: `worker with handler "${handler}"`,
    load: () => void loadHandler(handler),
    start: async (signal) => {
      const worker = await BusinessWorker.start({
        ...workerOptions(settings),
        handler: toHandlerUrl(handler),
        signal,
      });
      // Ready when it can take over from one that leaves.
      isJoined = await endsWithin(worker.joined(), JOIN_TIME);
      return worker;
    },
    readiness: (worker) => {
      host.onAsk = (question) =>
        answer(question, {
          report: () => ({ ...NOBODY, workers: [worker.report()] }),
          renewTrust: () => worker.renewTrust(),
        });
      return {
        line: `Worker ready: handler ${handler}, register ${
          register.join(", ")
        } (pid ${Deno.pid})`,
        addresses: [],
        isAlone: !isJoined && worker.report().links.length === 0,
      };
    },
    stopTimeout: stopTimeoutOf(settings),
  }));
}

/** Never rejects: who starts the worker loads it again, and hears why that fails. */
async function loadHandler(handler: string): Promise<void> {
  try {
    await import(toHandlerUrl(handler));
  } catch {
    // See above.
  }
}
