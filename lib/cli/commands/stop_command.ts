import type { Command } from "../options/command.ts";
import { LocalProcesses } from "../ask/local_processes.ts";
import { runtimeDirOf } from "../ask/runtime.ts";
import { whoAsks } from "../ask/who_asks.ts";

/** Stops what this machine runs. */
export const stopCommand: Command = {
  name: "stop",
  operands: [],
  summary: "stop what runs on this machine",
  description:
    `Stops what runs on this machine, gateways first: they send their clients away at
--drain-rate, after what is queued for them, workers finish what they have. Ends when all of it is
gone. With --now, nothing is finished; what was accepted goes to workers on
other machines, if there are any.`,
  examples: `
# gracefully
deno run -A cli.ts stop
# of two clusters on one machine, the one with that Register
deno run -A cli.ts stop --register 127.0.0.1:1237`,
  options: ["register", "runtimeDir", "now"],
  run: async ({ settings, output }) => {
    const local = await LocalProcesses.find(runtimeDirOf(settings));
    const by = whoAsks();
    for (const name of local.names) {
      const pid = local.pid(name);
      await local.untilEnd(name, { order: "stop", now: settings.now, by });
      output.out(`Stopped ${name.replace(/-\d+$/, "")} (pid ${pid})\n`);
    }
    return 0;
  },
};
