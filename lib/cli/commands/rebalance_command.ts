import type { Command } from "../options/command.ts";
import { giveDrain } from "../ask/give_drain.ts";

/** Has some clients of this machine's gateways connect anew. */
export const rebalanceCommand: Command = {
  name: "rebalance",
  operands: [],
  summary: "have some clients of this machine's gateways connect anew",
  description:
    `Has a part of the clients of the gateways on this machine connect anew, at a
pace, so that gateways that came later get theirs. They are let in as ever,
here, too, if a balancer sends them back. Clients of gatewayworker.v1 connect
before they let go; others are closed with 1001.`,
  examples: `
# a third machine has come to two that are full: a third of their clients may go
deno run -A cli.ts rebalance --share 33% --rate 200/s`,
  options: ["register", "runtimeDir", "share", "rate"],
  run: (context) => {
    const { rate, share } = context.settings;
    return giveDrain(context, { order: "drain", rate, share });
  },
};
