import { notifyAll } from "../../admin/typed_order.ts";
import { tellReached } from "../ask/tell_reached.ts";
import { TYPED_OPERANDS, withOrder } from "../ask/typed_operands.ts";
import { withCluster } from "../ask/with_cluster.ts";
import type { Command } from "../options/command.ts";
import { NODE_TRUST_KEYS } from "../options/trust_options.ts";

/** Tells clients an event. */
export const notifyCommand: Command = {
  name: "notify",
  operands: TYPED_OPERANDS,
  summary: "tell clients of the client library an event by its name",
  description:
    `Tells everybody, or the clients of the ID (a client id, a uid, or the name of a
group), an event: those that speak gatewayworker.v1, as the client library does.
DATA is JSON; null if left out. It fails if nobody was reached.`,
  examples: `
deno run -A cli.ts notify all closing '{"minutes":10}'
deno run -A cli.ts notify uid ann order '{"id":7,"state":"sent"}'`,
  options: ["register", ...NODE_TRUST_KEYS, "json"],
  run: (context) =>
    withOrder(
      context,
      "notify",
      (order) =>
        withCluster(context, async (cluster) =>
          tellReached(context, "notify", await notifyAll(cluster, order))),
    ),
};
