/**
 * To be run as root in a network namespace of its own: four gateways share a port, and
 * are replaced one after another, the next one up before the old one stops, while new
 * clients come all the while. Prints what became of these, without and with
 * `net.ipv4.tcp_migrate_req`.
 *
 * @module
 */
import { Gateway, type GatewayOptions } from "@gatewayworker/core/gateway";
import { getAvailablePorts } from "../_support/processes.ts";
import type { Newcomers, NewcomersOrder } from "./_newcomers.ts";

const GATEWAYS = 4;
const AT_ONCE = 24;

/** For how long a gateway is busy before it stops, in milliseconds: somebody waits then. */
const BUSY = 30;

async function restart(): Promise<Newcomers> {
  const port = getAvailablePorts(1);
  const options: GatewayOptions = {
    listen: [`ws://127.0.0.1:${port}`],
    reusePort: true,
    startPort: 0,
    stopTimeout: 1_000,
  };
  const gateways = await Promise.all(
    Array.from({ length: GATEWAYS }, () => Gateway.start(options)),
  );
  const thread = new Worker(new URL("_newcomers.ts", import.meta.url), {
    type: "module",
  });
  const told = new Promise<Newcomers>((resolve) => {
    thread.onmessage = ({ data }) => resolve(data);
  });
  const over = new Int32Array(new SharedArrayBuffer(4));
  thread.postMessage({ port, atOnce: AT_ONCE, over } satisfies NewcomersOrder);
  for (const [index, old] of gateways.entries()) {
    gateways[index] = await Gateway.start(options);
    await new Promise((resolve) => setTimeout(resolve, BUSY));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY);
    await old.shutdown();
  }
  Atomics.store(over, 0, 1);
  const newcomers = await told;
  thread.terminate();
  await Promise.all(gateways.map((gateway) => gateway.shutdown()));
  return newcomers;
}

const found: Newcomers[] = [];
for (const setting of ["0", "1"]) {
  Deno.writeTextFileSync("/proc/sys/net/ipv4/tcp_migrate_req", setting);
  found.push(await restart());
}
// deno-lint-ignore no-console -- a program: the result goes to standard output
console.log(JSON.stringify(found));
