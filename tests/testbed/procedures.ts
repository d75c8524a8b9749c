/**
 * What is done to the deployment: the procedures of its guide, and faults of the
 * network. Each returns what was measured, in words.
 *
 * @module
 */
import { CommandError } from "./command.ts";
import type { CrowdProcess, Deployment } from "./deployment.ts";
import type { HostProcess } from "./host_process.ts";
import {
  type Host,
  type Impairment,
  killNow,
  type Network,
  processesOf,
} from "./network.ts";
import { type Observer, pause } from "./observer.ts";

/** Workers on each of the deployment's worker hosts, and gateways on its first. */
export const COUNT = 4;

/** Workers or gateways on a host that is added. */
const ADDED = 2;

/** Milliseconds that a procedure is watched after it is done. */
const WATCH_TIME = 4_000;

/** Milliseconds of a cut that links live through, and of one that they do not. */
const SHORT_CUT = 5_000;
const LONG_CUT = 30_000;

/** Milliseconds that a line is bad. */
const SPOILED_TIME = 12_000;

/** Milliseconds after a fault in which what followed from it comes to an end. */
const CALM_TIME = 6_000;

/** Milliseconds until links are up again after a cut was mended. */
const MEND_TIME = 30_000;

/** What the gateway, and the worker, says when it gives the other up. */
const LOST_WORKER = /Lost worker/;
const LOST_GATEWAY = /Lost gateway/;
const LINKED = /Linked to gateway/;
const WORKER_READY = /^Worker ready/;

/** What the procedures work with. */
export interface Bed {
  readonly network: Network;
  readonly deployment: Deployment;
  readonly crowd: CrowdProcess;
  readonly observer: Observer;
  /** The hosts, by their names. */
  readonly hosts: Readonly<Record<HostName, Host>>;
  /** What runs, by command and host: `workers-two`. */
  readonly processes: Map<string, HostProcess>;
  /** Lines that were cut and are not mended. */
  readonly cuts: Set<readonly [Host, Host]>;
}

/** Names of the hosts. */
export const HOST_NAMES = [
  "one",
  "two",
  "three",
  "four",
  "five",
  "clients",
] as const;

/** One of {@linkcode HOST_NAMES}. */
export type HostName = typeof HOST_NAMES[number];

/** Starts workers on a host, and waits until they are linked to all gateways. */
export async function startWorkers(
  { deployment, hosts, processes }: Bed,
  name: HostName,
  count: number,
  gateways = COUNT,
): Promise<string> {
  const began = performance.now();
  const workers = await deployment.workers(hosts[name], count);
  processes.set(`workers-${name}`, workers);
  const links = await workers.hear(LINKED, count * gateways);
  const last = links.at(-1)?.at ?? NaN;
  return `linked to all gateways ${seconds(last - began)} after the command`;
}

async function addWorkerHost(bed: Bed): Promise<string> {
  const notes = await startWorkers(bed, "four", ADDED);
  await pause(WATCH_TIME);
  return notes;
}

async function stopWorkerHost(bed: Bed): Promise<string> {
  const notes = await stop(bed, "workers-two");
  await pause(WATCH_TIME);
  return notes;
}

async function stop(
  { deployment, processes }: Bed,
  name: string,
): Promise<string> {
  const began = performance.now();
  const process = processes.get(name);
  if (process !== undefined) await deployment.stop(process);
  processes.delete(name);
  return `gone ${seconds(performance.now() - began)} after the command`;
}

async function addGatewayHost(bed: Bed): Promise<string> {
  const { deployment, hosts, processes, observer, crowd } = bed;
  const began = performance.now();
  const workers = ["workers-two", "workers-three", "workers-four"]
    .flatMap((name) => processes.get(name) ?? []);
  const from = workers.map(({ lines }) => lines.length);
  observer.mark("started", ["g1"]);
  processes.set(
    "gateways-five",
    await deployment.gateways(hosts.five, ADDED),
  );
  let last = 0;
  for (const [i, process] of workers.entries()) {
    const count = ADDED * (process.name.endsWith("four") ? ADDED : COUNT);
    const links = await process.hear(LINKED, count, { from: from[i] ?? 0 });
    last = Math.max(last, links.at(-1)?.at ?? NaN);
  }
  await crowd.do({ order: "gateways", addresses: clientAddresses(bed, 2) });
  await pause(WATCH_TIME);
  return `linked to all workers ${seconds(last - began)} after the command`;
}

async function stopGatewayHost(bed: Bed): Promise<string> {
  const { observer, crowd } = bed;
  await crowd.do({ order: "gateways", addresses: clientAddresses(bed, 1) });
  observer.mark("stopped", ["g1"]);
  const notes = await stop(bed, "gateways-five");
  await pause(WATCH_TIME);
  return notes;
}

/** Where clients find the first gateway hosts. */
export function clientAddresses({ hosts }: Bed, count: number): string[] {
  return [hosts.one, hosts.five].slice(0, count)
    .map(({ address }) => `${address}:8282`);
}

/** Two keys for a while, then the new one alone; each command is told by SIGHUP. */
async function rotateKeys({ deployment, processes }: Bed): Promise<string> {
  const began = performance.now();
  const next = crypto.randomUUID();
  for (const keys of [[next, ...deployment.keys], [next]]) {
    deployment.setKeys(keys);
    for (const process of processes.values()) {
      const from = process.lines.length;
      process.signal("SIGHUP");
      const done = process.name.startsWith("workers")
        ? /Reloaded the workers/
        : /Read the secret keys and certificates again/;
      const [line] = await process.hear(done, 1, { from });
      if (line === undefined) return `${process.name} did not take the new key`;
    }
  }
  return `all nodes, twice, in ${
    seconds(performance.now() - began)
  }; all workers replaced each time`;
}

async function cutShortly(bed: Bed): Promise<string> {
  const { network, hosts: { one, two } } = bed;
  return await disturb(bed, "two", async () => {
    const lost = lossesOf(bed);
    await cut(bed, () => network.cut(one, two), SHORT_CUT);
    await pause(MEND_TIME / 2);
    const count = lost.gateway().length + lost.worker().length;
    return `for ${seconds(SHORT_CUT)}: ${count} links given up`;
  });
}

function cutForLong(
  direction: "both ways" | "two to one" | "one to two",
): (bed: Bed) => Promise<string> {
  return async (bed) => {
    const { network, hosts: { one, two } } = bed;
    return await disturb(bed, "two", async () => {
      const lost = lossesOf(bed);
      const began = performance.now();
      await cut(bed, () => {
        switch (direction) {
          case "both ways":
            return network.cut(one, two);
          case "two to one":
            return network.cutOneWay(two, one);
          case "one to two":
            return network.cutOneWay(one, two);
          default:
            return direction satisfies never;
        }
      }, LONG_CUT);
      const mended = performance.now();
      const links = await lost.linkedAgain();
      const again = (links.at(-1)?.at ?? NaN) - mended;
      return `for ${seconds(LONG_CUT)}: given up by gateways after ${
        span(lost.gateway(), began)
      }, by workers after ${span(lost.worker(), began)}; all ${
        COUNT * COUNT
      } links again ${seconds(again)} after the mend`;
    });
  };
}

/** Lines of both sides from now on that say that links are gone, or there again. */
function lossesOf({ processes }: Bed) {
  const gateways = processes.get("gateways-one");
  const workers = processes.get("workers-two");
  const from = [gateways?.lines.length ?? 0, workers?.lines.length ?? 0];
  const matching = (
    process: HostProcess | undefined,
    start: number | undefined,
    pattern: RegExp,
  ) =>
    process?.lines.slice(start).filter(({ text }) => pattern.test(text)) ?? [];
  return {
    gateway: () => matching(gateways, from[0], LOST_WORKER),
    worker: () => matching(workers, from[1], LOST_GATEWAY),
    linkedAgain: async () =>
      await workers?.hear(LINKED, COUNT * COUNT, {
        from: from[1] ?? 0,
        timeout: MEND_TIME,
      }) ?? [],
  };
}

async function cut(
  { network, hosts: { one, two }, cuts }: Bed,
  act: () => Promise<void>,
  duration: number,
): Promise<void> {
  const line = [one, two] as const;
  cuts.add(line);
  await act();
  await pause(duration);
  await network.mend(one, two);
  cuts.delete(line);
}

/** Says in the journal whose links a fault concerns, and when that is over. */
async function disturb(
  { observer, processes }: Bed,
  name: HostName,
  act: () => Promise<string>,
): Promise<string> {
  const pids = processes.get(`workers-${name}`)?.pids(WORKER_READY) ?? [];
  const targets = ["g0", ...pids.map((pid) => `w${pid}`)];
  observer.mark("disturbed", targets);
  const notes = await act();
  await pause(CALM_TIME);
  observer.mark("calm", targets);
  return notes;
}

async function losePower(bed: Bed): Promise<string> {
  const { network, hosts, processes, observer, deployment } = bed;
  const { one, three } = hosts;
  const workers = processes.get("workers-three");
  const gateways = processes.get("gateways-one");
  const from = gateways?.lines.length ?? 0;
  const targets = workers?.pids(WORKER_READY).map((pid) => `w${pid}`) ?? [];
  observer.mark("killed", targets);
  // Without its line first, the others would hear of the end at once.
  await network.cut(one, three);
  const began = performance.now();
  for (const pid of await processesOf(three)) killNow(pid);
  const lost = await gateways?.hear(LOST_WORKER, COUNT * COUNT, {
    from,
    timeout: LONG_CUT,
  }) ?? [];
  await network.mend(one, three);
  processes.delete("workers-three");
  if (workers !== undefined) await deployment.forget(workers);
  const again = await startWorkers(bed, "three", COUNT);
  return `its workers were given up after ${
    span(lost, began)
  }; started again, ${again}`;
}

const badLine = impaired([
  "netem",
  "delay",
  "40ms",
  "10ms",
  "loss",
  "2%",
]);

const narrowLine = impaired([
  "tbf",
  "rate",
  "256kbit",
  "burst",
  "4kb",
  "latency",
  "200ms",
]);

function impaired(how: Impairment): (bed: Bed) => Promise<string> {
  return async (bed) => {
    const { network, hosts: { one, two } } = bed;
    return await disturb(bed, "two", async () => {
      try {
        await network.impair(one, two, how);
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        return `not tried: this kernel has no ${how[0]}`;
      }
      await pause(SPOILED_TIME);
      await network.repair(one, two);
      return `for ${seconds(SPOILED_TIME)}`;
    });
  };
}

async function flakyLine(bed: Bed): Promise<string> {
  const { network, hosts: { one, two } } = bed;
  return await disturb(bed, "two", async () => {
    for (let each = 0; each < 15; each++) {
      await cut(bed, () => network.cut(one, two), 200);
      await pause(600);
    }
    return "15 times in 12 s";
  });
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

function span(lines: readonly { at: number }[], began: number): string {
  const [first, last] = [lines[0], lines.at(-1)];
  return first === undefined || last === undefined
    ? "never"
    : `${((first.at - began) / 1_000).toFixed(1)} to ${
      seconds(last.at - began)
    } (${lines.length})`;
}

/** Everything that is done, in this order. */
export const PROCEDURES: readonly (readonly [
  string,
  (bed: Bed) => Promise<string>,
])[] = [
  ["nothing, for comparison", async () => {
    await pause(WATCH_TIME);
    return "";
  }],
  ["add worker host four", addWorkerHost],
  ["take worker host two off line", stopWorkerHost],
  [
    "put worker host two on line again",
    (bed) => startWorkers(bed, "two", COUNT),
  ],
  ["add gateway host five", addGatewayHost],
  ["take gateway host five off line", stopGatewayHost],
  ["change the secret key", rotateKeys],
  ["cut the line of one and two, shortly", cutShortly],
  ["cut the line of one and two", cutForLong("both ways")],
  ["lose what two sends to one", cutForLong("two to one")],
  ["lose what one sends to two", cutForLong("one to two")],
  ["host three loses power", losePower],
  ["delay of 40 ± 10 ms and 2 % loss", badLine],
  ["bursts of loss, 200 ms each", flakyLine],
  ["a line of 256 kbit/s that drops", narrowLine],
];
