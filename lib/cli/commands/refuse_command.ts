import { REFUSABLE } from "../../admin/refusal_order.ts";
import type { RefusalTarget } from "../../cluster/mod.ts";
import {
  type Command,
  type CommandContext,
  USAGE_EXIT_CODE,
} from "../options/command.ts";
import { NODE_TRUST_KEYS } from "../options/trust_options.ts";
import { readUntil } from "../options/until_kind.ts";
import { withCluster } from "../ask/with_cluster.ts";

/** Refuses clients until a moment. */
export const refuseCommand: Command = {
  name: "refuse",
  operands: [REFUSABLE.join("|"), "NAME"],
  summary:
    "close a uid, an address or a session everywhere, and let it in no more",
  description:
    `Refuses everybody of a uid, of an address or a range of addresses, or the session of
a token, on all gateways of the cluster until it ends: who is here is closed with 4010
and --reason, and its session ends; who comes is answered with 403. Gateways that are
started later know it too. It is forgotten when all gateways and workers are stopped at
the same time. Other cells are not told: refuse there as well. "query refusals" lists
all, "allow" takes one back.`,
  examples: `
deno run -A cli.ts refuse uid ann --until 2h --reason "cool down"
deno run -A cli.ts refuse address 203.0.113.0/24 --until 7d
deno run -A cli.ts query refusals`,
  options: ["register", ...NODE_TRUST_KEYS, "until", "reason", "json"],
  run: (context) =>
    withTarget(context, "refuse", async (target) => {
      const { until: when, reason, json } = context.settings;
      const until = readUntil(when, Date.now()) ?? NaN;
      return await withCluster(context, async (cluster) => {
        const closed = await cluster.refuse(target, { until, reason });
        const date = new Date(until).toISOString();
        context.output.out(
          json
            ? `${JSON.stringify({ closed, until: date })}\n`
            : `Refused until ${date}, ${closed} closed\n`,
        );
        return 0;
      });
    }),
};

/** Lets clients in again. */
export const allowCommand: Command = {
  name: "allow",
  operands: [REFUSABLE.join("|"), "NAME"],
  summary: 'let in again whom "refuse" keeps out',
  description:
    `Takes a refusal back on all gateways. It fails if there was none. A range of
addresses, and what is kept of a token, are given as "query refusals" lists them.`,
  examples: `
deno run -A cli.ts allow uid ann`,
  options: ["register", ...NODE_TRUST_KEYS, "json"],
  run: (context) =>
    withTarget(
      context,
      "allow",
      async (target) =>
        await withCluster(context, async (cluster) => {
          const wasRefused = await cluster.allow(target);
          const { settings, output } = context;
          if (settings.json) output.out(`${JSON.stringify({ wasRefused })}\n`);
          else if (wasRefused) output.out("Allowed\n");
          if (wasRefused) return 0;
          output.error("Cannot allow: it was not refused\n");
          return 1;
        }),
    ),
};

async function withTarget(
  { operands: [kind = "", name], output }: CommandContext,
  verb: string,
  act: (target: RefusalTarget) => Promise<number>,
): Promise<number> {
  if (REFUSABLE.some((each) => each === kind) && name !== undefined) {
    return await act({ [kind]: name } as unknown as RefusalTarget);
  }
  output.error(
    `Cannot ${verb} clients: say which, as in "${verb} uid ann" or "${verb} address 203.0.113.0/24"\n`,
  );
  return USAGE_EXIT_CODE;
}
