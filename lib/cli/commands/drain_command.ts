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
go for ten seconds, or if a gateway dies meanwhile, which it names; Ctrl-C ends
the command, and not the drain. Another drain sets another pace. If those that
were sent away are not taken elsewhere in time, the others are sent more slowly. The gateways run on without clients until they
are stopped, and so does one that takes the place of another that has died
meanwhile; with --cancel they let clients in again, and those stay that are
still there.`,
  examples: `
# take this machine out of service
deno run -A cli.ts drain --rate 500/s
deno run -A cli.ts stop
# or put it back
deno run -A cli.ts drain --cancel`,
  options: ["register", "runtimeDir", "rate", "cancel"],
  run: (context) => {
    const { rate, cancel } = context.settings;
    return giveDrain(
      context,
      cancel ? { order: "drain", cancel } : { order: "drain", rate },
    );
  },
};
