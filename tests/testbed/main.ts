/**
 * The deployment of the guide on hosts of its own, under load, while it is changed
 * and its network fails:
 *
 *     deno task testbed                  as root, with iproute2; takes some minutes
 *     deno task testbed cut power        only what has one of these words in its name
 *
 * Hosts are network namespaces with addresses of their own. Everything is taken down
 * again, whatever happens; where there can be no namespaces, it says so and ends.
 *
 * @module
 */
import { Deployment } from "./deployment.ts";
import type { HostProcess } from "./host_process.ts";
import { type Host, Network, sweep, whyNoNetwork } from "./network.ts";
import { Observer, pause } from "./observer.ts";
import {
  type Bed,
  clientAddresses,
  COUNT,
  HOST_NAMES,
  PROCEDURES,
  startWorkers,
} from "./procedures.ts";
import { reportOf } from "./report.ts";

/** What the names of all namespaces begin with. */
const KIND = "gwtb";

/** How the crowd behaves. */
const CROWD = { clients: 80, rate: 5, churn: 4 };

/** Milliseconds that the last messages may take to be answered. */
const SETTLE_TIMEOUT = 60_000;

/** Lists what is wrong, one line each. */
type Wrongs = string[];

async function run(words: readonly string[]): Promise<number> {
  // Of a run that was killed.
  await sweep(KIND);
  const prefix = `${KIND}${Deno.pid}`;
  const reason = await whyNoNetwork(prefix);
  if (reason !== undefined) {
    print(`Skipped: this machine can have no test bed: ${reason}`);
    return 0;
  }
  const folder = await Deno.makeTempDir({ prefix: "testbed-" });
  await using stack = new AsyncDisposableStack();
  const network = stack.use(new Network(prefix));
  const interrupted = onInterrupt(stack);
  stack.defer(interrupted);
  const bed = await build(network, folder, stack);
  print(`Hosts are up; logs are in ${folder}`);
  const wrongs: Wrongs = [];
  try {
    await perform(bed, words);
    wrongs.push(...await settle(bed));
  } catch (error) {
    wrongs.push(`the run: ${error}`);
  }
  wrongs.push(...await shutDown(bed));
  const { observer } = bed;
  print(reportOf(observer, wrongs));
  return observer.checker.findings.list.length + wrongs.length === 0 ? 0 : 1;
}

/** Ctrl-C takes everything down as an end does. */
function onInterrupt(stack: AsyncDisposableStack): () => void {
  const end = () => void stack.disposeAsync().finally(() => Deno.exit(1));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, end);
  }
  return () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.removeSignalListener(signal, end);
    }
  };
}

async function build(
  network: Network,
  folder: string,
  stack: AsyncDisposableStack,
): Promise<Bed> {
  const all: Partial<Record<string, Host>> = {};
  for (const name of HOST_NAMES) all[name] = await network.add(name);
  // Complete: each name was just added.
  const hosts = all as Bed["hosts"];
  const deployment = stack.use(
    new Deployment({ register: hosts.one, folder }),
  );
  const crowd = await deployment.crowd(hosts.clients, CROWD);
  const observer = stack.use(new Observer(`${folder}/journal`, crowd));
  const processes = new Map<string, HostProcess>();
  const bed = {
    network,
    deployment,
    crowd,
    observer,
    hosts,
    processes,
    cuts: new Set<readonly [Host, Host]>(),
  };
  processes.set("register", await deployment.register());
  observer.mark("started", ["g0"]);
  processes.set("gateways-one", await deployment.gateways(hosts.one, COUNT));
  await startWorkers(bed, "two", COUNT);
  await startWorkers(bed, "three", COUNT);
  await crowd.do({ order: "gateways", addresses: clientAddresses(bed, 1) });
  await crowd.do({ order: "connect" });
  await crowd.do({ order: "start" });
  return bed;
}

async function perform(bed: Bed, words: readonly string[]): Promise<void> {
  const meant = PROCEDURES.filter(([what]) =>
    words.length === 0 || words.some((word) => what.includes(word))
  );
  for (const [what, act] of meant) {
    const row = await bed.observer.watch(what, () => act(bed));
    print(`${row.what}: ${row.notes} | ${row.saw} | found ${row.found}`);
  }
}

/** Nothing is done any more: what was sent must come to an end. */
async function settle({ crowd, observer, deployment, hosts }: Bed) {
  const wrongs: Wrongs = [];
  await crowd.do({ order: "stop" });
  const deadline = performance.now() + SETTLE_TIMEOUT;
  const isOver = () => performance.now() > deadline;
  while ((await crowd.do({ order: "look" })).unanswered > 0 && !isOver()) {
    await pause(250);
  }
  const { unanswered } = await crowd.do({ order: "look" });
  if (unanswered > 0) wrongs.push(`${unanswered} messages were not answered`);
  await crowd.do({ order: "leave" });
  for (observer.read(); observer.checker.unclosed > 0 && !isOver();) {
    await pause(250);
    observer.read();
  }
  const audit = await deployment.run(hosts.one, "audit", [
    "audit",
    "--register",
    `${hosts.one.address}:1236`,
  ]);
  const verdict = audit.find((line) => line.includes("acknowledged +"));
  if (!verdict?.endsWith("holds")) {
    wrongs.push(`the ledger: ${audit.join(" ")}`);
  }
  return wrongs;
}

async function shutDown({ deployment, observer }: Bed): Promise<Wrongs> {
  await deployment[Symbol.asyncDispose]();
  observer.read();
  observer.checker.finish();
  return deployment.badExits;
}

function print(text: string): void {
  // deno-lint-ignore no-console -- for the person who started it
  console.log(text);
}

if (import.meta.main) Deno.exitCode = await run(Deno.args);
