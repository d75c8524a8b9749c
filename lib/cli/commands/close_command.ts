import { CLOSABLE, close } from "../../admin/refusal_order.ts";
import { type Command, USAGE_EXIT_CODE } from "../options/command.ts";
import { NODE_TRUST_KEYS } from "../options/trust_options.ts";
import { PHP_DIAL_KEYS } from "../options/php_options.ts";
import { tellReached } from "../ask/tell_reached.ts";
import { withCluster } from "../ask/with_cluster.ts";

/** Closes clients. */
export const closeCommand: Command = {
  name: "close",
  operands: [CLOSABLE.join("|"), "ID", "[MESSAGE]"],
  summary: "close a client, or all clients of a uid",
  description:
    `Sends what is queued for the client, or for every client of the uid, then MESSAGE
if there is one, then closes with --code and --reason. Sessions end with it. It fails
if nobody was there. Whoever is to stay away is refused: see "refuse".`,
  examples: `
deno run -A cli.ts close uid ann --code 4000 --reason "log in again"
deno run -A cli.ts close client 7f00000107d000000001 "Goodbye"`,
  options: [
    "register",
    ...NODE_TRUST_KEYS,
    ...PHP_DIAL_KEYS,
    "code",
    "reason",
    "json",
  ],
  run: async (context) => {
    const { operands: [to = "", id, message], settings, output } = context;
    if (!CLOSABLE.some((each) => each === to) || id === undefined) {
      output.error(
        `Cannot close clients: say which, as in "close uid ann" or "close client ID"\n`,
      );
      return USAGE_EXIT_CODE;
    }
    const { code, reason } = settings;
    const options = { code, reason };
    return await withCluster(context, async (cluster) => {
      const closed = await close(cluster, { to, id, message, options });
      return tellReached(context, `close ${to} ${id}`, closed);
    });
  },
};
