import type { Command } from "../options/command.ts";
import { giveDrain } from "../ask/give_drain.ts";

/** Sends the clients of this machine's gateways away. */
export const drainCommand: Command = {
  name: "drain",
  operands: [],
  summary: "send the clients of this machine's gateways to others, at a pace",
  description:
    `Has the gateways on this machine send their clients away, one after another, so
that the gateways that take them are not overrun. /readyz is red first, for
--stop-delay of the gateways; from then on nobody new is let in. Clients of
gatewayworker.v1 connect elsewhere before they let go of this gateway; others
are closed with 1001. Ends when all have gone, with exit code 1 if some do not
go for ten seconds; Ctrl-C ends the command, and not the drain. Another drain
sets another pace. The gateways run on without clients until they are stopped.`,
  examples: `
# take this machine out of service
deno run -A cli.ts drain --rate 500/s
deno run -A cli.ts stop`,
  options: ["register", "runtimeDir", "rate"],
  run: (context) =>
    giveDrain(context, { order: "drain", rate: context.settings.rate }),
};
