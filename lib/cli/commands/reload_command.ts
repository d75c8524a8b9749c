import type { Command } from "../options/command.ts";
import { LocalProcesses, withGateways } from "../ask/local_processes.ts";
import { runtimeDirOf } from "../ask/runtime.ts";
import { whoAsks } from "../ask/who_asks.ts";

/** Replaces the workers of this machine. */
export const reloadCommand: Command = {
  name: "reload",
  operands: [],
  summary: "replace the workers on this machine, or the gateways",
  description:
    `Has the supervisors of "start" and "worker" on this machine replace their
workers one after another: a new process loads the handler, and when it is
ready the old one finishes what it has and leaves. No client notices. If a new
handler cannot be loaded, the rollout ends there, the old workers go on, and
the exit code is 1. Secret keys and certificates are read again by all that run
here. SIGHUP does the same for one process and those that it started.

With --gateways it is the gateways that are replaced, where several share a
port: the next one is up, with a port for workers of its own, before the one
whose place it takes sends its clients away, at --drain-rate.`,
  examples: `
# after a deployment
deno run -A cli.ts reload
# gateways that have run for long, one after another
deno run -A cli.ts reload --gateways`,
  options: ["register", "runtimeDir", "reloadGateways"],
  run: async ({ settings, output }) => {
    const local = await LocalProcesses.find(runtimeDirOf(settings));
    const by = whoAsks();
    const gateways = settings.reloadGateways;
    for (const name of gateways ? withGateways(local) : local.names) {
      const order = { order: "reload", gateways, by } as const;
      await local.order(name, order, (line) => output.out(`${line}\n`));
    }
    output.out("Reloaded\n");
    return 0;
  },
};
