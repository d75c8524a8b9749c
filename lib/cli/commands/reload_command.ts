import type { Command } from "../options/command.ts";
import { LocalProcesses } from "../ask/local_processes.ts";
import { runtimeDirOf } from "../ask/runtime.ts";
import { whoAsks } from "../ask/who_asks.ts";

/** Replaces the workers of this machine. */
export const reloadCommand: Command = {
  name: "reload",
  operands: [],
  summary: "replace the workers on this machine, and read key files again",
  description:
    `Has the supervisors of "start" and "worker" on this machine replace their
workers one after another: a new process loads the handler, and when it is
ready the old one finishes what it has and leaves. No client notices. If a new
handler cannot be loaded, the rollout ends there, the old workers go on, and
the exit code is 1. Secret keys and certificates are read again by all that run
here. SIGHUP does the same for one process and those that it started.`,
  examples: `
# after a deployment
deno run -A cli.ts reload`,
  options: ["register", "runtimeDir"],
  run: async ({ settings, output }) => {
    const local = await LocalProcesses.find(runtimeDirOf(settings));
    const by = whoAsks();
    for (const name of local.names) {
      const order = { order: "reload", gateways: false, by } as const;
      await local.order(name, order, (line) => output.out(`${line}\n`));
    }
    output.out("Reloaded\n");
    return 0;
  },
};
