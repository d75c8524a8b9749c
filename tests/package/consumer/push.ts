/** A back end in somebody else's project. @module */
import { GatewayClient } from "@gatewayworker/core/cluster";

await using cluster = await GatewayClient.connect({
  register: Deno.args[0] ?? "",
});
await cluster.sendToUid("ann", "enough");
