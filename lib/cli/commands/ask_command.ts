import { toJson } from "../../admin/to_json.ts";
import { askAll } from "../../admin/typed_order.ts";
import { TYPED_OPERANDS, withOrder } from "../ask/typed_operands.ts";
import { withCluster } from "../ask/with_cluster.ts";
import type { Command } from "../options/command.ts";
import { NODE_TRUST_KEYS } from "../options/trust_options.ts";

/** Asks clients something. */
export const askCommand: Command = {
  name: "ask",
  operands: TYPED_OPERANDS,
  summary: "ask clients of the client library, and print their answers",
  description:
    `Asks everybody, or the clients of the ID (a client id, a uid, or the name of a
group): those that speak gatewayworker.v1, as the client library does. DATA is
JSON; null if left out. Prints a line for each client: its id and its answer as
JSON, "!" and a code if it cannot, "-" if it did not answer within 5 s. It fails
if nobody answered.`,
  examples: `
deno run -A cli.ts ask uid ann version
deno run -A cli.ts ask group lobby confirm '{"question":"Sure?"}' --json`,
  options: ["register", ...NODE_TRUST_KEYS, "json"],
  run: (context) =>
    withOrder(context, "ask", async (order) => {
      const { settings, output } = context;
      return await withCluster(context, async (cluster) => {
        const answers = await askAll(cluster, order);
        const { results, missing, partial = [] } = answers;
        if (settings.json) output.out(`${JSON.stringify(toJson(answers))}\n`);
        else {
          for (const result of results) {
            const said = "value" in result
              ? JSON.stringify(toJson(result.value))
              : `! ${result.error.code} ${JSON.stringify(result.error.data)}`;
            output.out(`${result.clientId}  ${said}\n`);
          }
          for (const id of missing) output.out(`${id}  -\n`);
        }
        for (const address of partial) {
          output.error(`Cannot tell what clients of ${address} answered\n`);
        }
        return results.length > 0 && partial.length === 0 ? 0 : 1;
      });
    }),
};
