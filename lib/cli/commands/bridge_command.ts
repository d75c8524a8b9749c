import type { Command } from "../options/command.ts";
import { BRIDGE_KEYS } from "../options/role_keys.ts";
import { serve } from "../run/serve.ts";

/** Runs a bridge in this process. */
export const bridgeCommand: Command = {
  name: "bridge",
  operands: [],
  summary: "run a bridge, which joins this cluster with others by way of NATS",
  description:
    `Runs a bridge: this cluster becomes a cell, and what its workers send to uids and
groups reaches their clients in the other cells, too. Run two in each cell: one is
active, and the other one takes over within seconds. Nothing else speaks with NATS:
without it each cell goes on by itself.`,
  examples: `
# a cell called eu, with everything on this machine
deno run -A cli.ts bridge --cell eu --nats nats://127.0.0.1:4222
# of machines of a private network, with keys of the cluster and of all cells
deno run -A cli.ts bridge --cell eu --nats tls://nats.example:4222 --nats-creds eu.creds --cell-key-file cells.txt --register 10.0.0.1:1236 --secret-key-file key.txt
# nobody abroad may close clients here, or look into their sessions
deno run -A cli.ts bridge --cell eu --nats nats://127.0.0.1:4222 --accept-from-cells close= --accept-from-cells session=`,
  options: BRIDGE_KEYS,
  run: async (context) => {
    const { runBridge } = await import("../roles/bridge.ts");
    return await runBridge(context, serve);
  },
};
