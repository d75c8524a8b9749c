import { assertEquals } from "@std/assert";
import { ClusterCalls } from "../../../lib/cluster/cluster_calls.ts";
import type { LinkedGateways } from "../../../lib/cluster/linked_gateways.ts";

/** No gateway is linked, and none is missing. */
const NOBODY = {
  isKnown: true,
  isClosed: false,
  all: () => [].values(),
  missing: () => [],
} as unknown as LinkedGateways;

Deno.test("Cluster.ask() without a timeout works, however long gateways have to answer", async () => {
  const calls = new ClusterCalls(NOBODY, 86_400_000);

  assertEquals(
    await calls.ask({ all: true }, "vote"),
    { results: [], missing: [] },
  );
});
