/**
 * To be run as root in a network namespace of its own: two gateways share a port, and
 * one of them stops with clients in its backlog. Prints how many of these were reset,
 * without and with `net.ipv4.tcp_migrate_req`.
 *
 * @module
 */
import { Gateway, type GatewayOptions } from "@gatewayworker/core/gateway";
import { getAvailablePorts } from "../_support/processes.ts";
import type { BurstOrder } from "./_burst.ts";

const CLIENTS = 32;

/** Stops one of two gateways while nobody accepts; returns how many were reset. */
async function resets(): Promise<number> {
  const port = Number(getAvailablePorts(1));
  const options: GatewayOptions = {
    listen: [`ws://127.0.0.1:${port}`],
    reusePort: true,
    startPort: 0,
  };
  await using _stays = await Gateway.start(options);
  await using stops = await Gateway.start(options);
  const thread = new Worker(new URL("_burst.ts", import.meta.url), {
    type: "module",
  });
  const told = new Promise<number>((resolve) => {
    thread.onmessage = ({ data }) => resolve(data);
  });
  const connected = new Int32Array(new SharedArrayBuffer(4));
  const order: BurstOrder = { port, clients: CLIENTS, connected };
  thread.postMessage(order);

  // From here to the stop nothing else of this process runs: nobody is accepted.
  Atomics.wait(connected, 0, 0);
  void stops.shutdown();
  const count = await told;
  thread.terminate();
  return count;
}

const found: number[] = [];
for (const setting of ["0", "1"]) {
  Deno.writeTextFileSync("/proc/sys/net/ipv4/tcp_migrate_req", setting);
  found.push(await resets());
}
// deno-lint-ignore no-console -- a program: the result goes to standard output
console.log(JSON.stringify(found));
