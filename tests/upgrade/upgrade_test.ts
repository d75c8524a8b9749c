import { assert, assertEquals } from "@std/assert";
import { GatewayClient } from "../../mod.ts";
import { noFaults } from "../bench/load/lane.ts";
import type { TestProcess } from "../_support/processes.ts";
import { layOutBaseline, readBaseline } from "./baseline.ts";
import { MixedCluster } from "./mixed_cluster.ts";
import { Passengers } from "./passengers.ts";

const revision = await readBaseline();
const before = await layOutBaseline();
const now = new URL("../..", import.meta.url).pathname;
const why = before === undefined
  ? ` (skipped: this clone does not have revision ${revision})`
  : "";

for (
  const [what, first, second, load, size] of [
    ["upgraded", before ?? "", now, "short messages", 64],
    ["rolled back", now, before ?? "", "long messages", 12_000],
  ] as const
) {
  Deno.test({
    name:
      `a cluster is ${what} under a load of ${load}: nothing is lost, repeated or out of order, nobody is disconnected${why}`,
    ignore: before === undefined,
    fn: async () => {
      await using cluster = new MixedCluster();
      await using stack = new AsyncDisposableStack();
      const register = await cluster.startRegister(first);
      const [, , worker] = await Promise.all([
        cluster.startGateway(first),
        cluster.startGateway(second),
        cluster.startWorker(first),
      ]);
      const passengers = await Passengers.board(cluster.addresses, size);
      stack.defer(() => passengers.leave());
      await passengers.travel();

      const newWorker = await cluster.startWorker(second);
      assertEquals(await stopped(worker), 0);
      await passengers.travel();

      assertEquals(await stopped(register), 0);
      await cluster.startRegister(second);
      const lastWorker = await cluster.startWorker(first);
      await passengers.travel();
      assertEquals(await stopped(newWorker), 0);
      await passengers.travel();

      const [sent] = await Promise.all([
        passengers.rest(),
        cluster.startWorker(second),
      ]);
      assertEquals(passengers.faults, noFaults());
      assertEquals(await countedInSessions(cluster), sent);

      // Others may see again what a worker did that was killed, and late what a busy
      // gateway had not read of it, but miss nothing.
      passengers.goOn();
      await passengers.travel();
      lastWorker.signal("SIGKILL");
      await passengers.travel();
      await passengers.arrive();
      const { lost, corrupt, disconnected } = passengers.faults;
      assertEquals({ ...noFaults(), lost, corrupt, disconnected }, noFaults());
    },
  });
}

/** Asks a process to stop once it is done; returns its exit code. */
async function stopped(process: TestProcess): Promise<number> {
  process.signal("SIGTERM");
  return await process.code();
}

/** Sums up what the handlers of both versions have counted in the clients' sessions. */
async function countedInSessions(cluster: MixedCluster): Promise<number> {
  const { register, secretKey } = cluster;
  await using api = await GatewayClient.connect({ register, secretKey });
  const sessions = Object.values(await api.getAllClientSessions());
  assert(sessions.length > 0);
  return sessions.reduce((sum, { count }) => sum + Number(count), 0);
}
