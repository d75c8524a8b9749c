import type { ChildSpec } from "../process/child.ts";
import { childSpec } from "./child_command.ts";
import type { Command, CommandContext } from "./command.ts";
import { toHandlerUrl } from "./handler_url.ts";
import { serve } from "./serve.ts";
import { supervise, WORKERS } from "./supervise.ts";

/** Runs a worker in this process, or several under a supervisor. */
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
deno run -A cli.ts worker handler.ts --count 4 --register 10.0.0.1:1236`,
  options: [
    "register",
    "count",
    "name",
    "secretKey",
    "secretKeyFile",
    "stopTimeout",
    "id",
  ],
  run: async (context) => {
    if (context.settings.count === 1) return await runOne(context);
    return await supervise(context, () => [{
      name: WORKERS,
      children: workerChildren(context, context.settings.count),
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
  toHandlerUrl(operands[0] ?? "");
  return Array.from({ length: count }, (_, id) =>
    childSpec({
      name: `worker ${id}`,
      command: workerCommand,
      operands,
      settings: { ...settings, id },
      entry,
    }));
}

async function runOne(context: CommandContext): Promise<number> {
  const { BusinessWorker } = await import("../worker/mod.ts");
  const { settings, operands: [handler = ""] } = context;
  const { register, name, secretKey, id, stopTimeout } = settings;
  return await serve(context, { who: `worker ${id}` }, () => ({
    what: `worker with handler "${handler}"`,
    start: (signal) =>
      BusinessWorker.start({
        handler: toHandlerUrl(handler),
        register,
        secretKey,
        signal,
        ...(name === "" ? {} : { name }),
      }),
    readiness: () => ({
      line: `Worker ready: handler ${handler}, register ${
        register.join(", ")
      } (pid ${Deno.pid})`,
      addresses: [],
    }),
    stopTimeout: stopTimeout * 1000,
  }));
}
