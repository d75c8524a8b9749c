/**
 * Three cells of real processes (each a Register, two gateways, two workers, two bridges)
 * over one real server of NATS, or three that NATS' gateways join, each on a host of its
 * own where this machine can have network namespaces:
 *
 *     deno task cells                     the property test over one server, and over three
 *     deno task cells --seed 7 --steps 2000
 *     deno task cells chaos               servers and bridges are killed, stand still, are cut off
 *     deno task cells chaos --servers 3 --only killed
 *     deno task cells interest            frames to cells without interest, by names
 *     deno task cells memory              100,000 groups in each cell: memory, first sends
 *     deno task cells memory --uids --names 20000
 *
 * @module
 */
import { Network, sweep, whyNoNetwork } from "../testbed/network.ts";
import { whyNoNats } from "../_support/nats_server.ts";
import type { Place } from "./cell_process.ts";
import { runChaos } from "./chaos.ts";
import { runInterest } from "./interest.ts";
import { runMemory } from "./memory.ts";
import { runProperty } from "./property.ts";
import { CELLS, HERE, type Places, Stage } from "./stage.ts";

/** What the names of all namespaces begin with. */
const KIND = "gwce";

/** Names up to which none costs others anything in the steady state, and beyond. */
const NAMES = [1_000, 5_000, 12_000];

/** What the command line says. */
interface Told {
  readonly what: string;
  readonly seed: number;
  readonly steps: number;
  /** Seconds of a split. */
  readonly split: number;
  /** Servers of NATS: 1 or 3, else both. */
  readonly servers: number;
  /** Only faults whose name has this in it. */
  readonly only: string;
  /** Names in each cell; 0 for what is usual. */
  readonly names: number;
  /** Whether names are uids, each with a client of its own. */
  readonly areUids: boolean;
  /** Where things run: handed over to the process that runs inside of the network. */
  readonly places: Places;
}

/**
 * Does what the command line says.
 *
 * @param args The command line.
 * @returns The exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  const why = whyNoNats();
  if (why !== undefined) {
    print(`Skipped: ${why}`);
    return 0;
  }
  const inside = args.find((each) => each.startsWith("--places="));
  if (inside !== undefined) return await act(read(args, inside));
  await sweep(KIND);
  const reason = await whyNoNetwork(`${KIND}${Deno.pid}`);
  if (reason === undefined) return await actInNetwork(args);
  print(`All on one host, since this machine can have no others: ${reason}`);
  return await act({ ...read(args), places: HERE });
}

function read(args: readonly string[], inside?: string): Told {
  const flag = (name: string, or: number) => {
    const at = args.indexOf(`--${name}`);
    return at < 0 ? or : Number(args[at + 1]);
  };
  return {
    what: args[0]?.startsWith("--") === false ? args[0] : "property",
    seed: flag("seed", Math.floor(Math.random() * 1e6)),
    steps: flag("steps", 600),
    split: flag("split", 30),
    names: flag("names", 0),
    areUids: args.includes("--uids"),
    servers: flag("servers", 0),
    only: args[args.indexOf("--only") + 1 || args.length] ?? "",
    places: inside === undefined
      ? HERE
      : JSON.parse(inside.slice("--places=".length)),
  };
}

/** Builds a network, and starts this program again on a host of it. */
async function actInNetwork(args: readonly string[]): Promise<number> {
  await using network = new Network(`${KIND}${Deno.pid}`);
  const driver = await network.add("driver");
  const cells: Place[] = [];
  for (const name of CELLS) cells.push(await network.add(name));
  const places: Places = { cells, nats: await network.add("nats") };
  const self = new URL(import.meta.url).pathname;
  const { code } = await new Deno.Command("ip", {
    args: [
      ...["netns", "exec", driver.namespace, Deno.execPath()],
      ...["run", "-A", self, ...args, `--places=${JSON.stringify(places)}`],
    ],
  }).spawn().status;
  return code;
}

async function act(told: Told): Promise<number> {
  switch (told.what) {
    case "property":
      return await each(told, property);
    case "chaos":
      return await each(told, chaos);
    case "interest":
      return await interest(told);
    case "memory":
      return await memory(told);
    default:
      print(
        `Cannot do "${told.what}": it must be property, chaos, interest or memory`,
      );
      return 2;
  }
}

/** Over one server of NATS, and over three; or over as many as was said. */
async function each(
  told: Told,
  run: (told: Told, servers: 1 | 3) => Promise<number>,
): Promise<number> {
  const one = told.servers === 3 ? 0 : await run(told, 1);
  return one + (told.servers === 1 ? 0 : await run(told, 3));
}

async function property(told: Told, servers: 1 | 3): Promise<number> {
  const { seed, steps, places } = told;
  await using stage = await open(places, servers);
  print(`property test, ${servers} servers of NATS, seed ${seed}:`);
  const { cells } = stage;
  const result = await runProperty({ cells, seed, steps, clients: 18 });
  const did = [...result.did].map(([what, count]) => `${count} ${what}`);
  print(`  ${did.join(", ")}; ${result.heard} messages heard`);
  for (const wrong of result.wrongs.slice(0, 40)) print(`  WRONG: ${wrong}`);
  print(`  ${result.wrongs.length} wrong`);
  return result.wrongs.length === 0 ? 0 : 1;
}

async function chaos(told: Told, servers: 1 | 3): Promise<number> {
  const { places, split, only } = told;
  await using stage = await open(places, servers);
  print(`chaos, ${servers} servers of NATS:`);
  const say = (line: string) => print(`  ${line}`);
  const wrongs = await runChaos({ stage, places, split, only, say });
  for (const wrong of wrongs.slice(0, 40)) print(`  WRONG: ${wrong}`);
  print(`  ${wrongs.length} wrong`);
  return wrongs.length === 0 ? 0 : 1;
}

async function interest({ places, names: only }: Told): Promise<number> {
  let code = 0;
  for (const names of only > 0 ? [only] : NAMES) {
    await using stage = await open(places, 1);
    const received = async () => {
      const others = await Promise.all(
        stage.cells.slice(1).map((cell) => stage.bridges(cell)),
      );
      return others.flat().flatMap(({ cells = [] }) => cells)
        .reduce((sum, { received }) => sum + received, 0);
    };
    const { cells } = stage;
    const frames = await runInterest({ cells, received, names, rounds: 5 });
    print(
      `${names} names of one cell, frames to the two others in each round: ${
        frames.join(", ")
      }`,
    );
    if (names <= 5_000 && frames.at(-1) !== 0) code = 1;
  }
  return code;
}

async function memory({ places, names, areUids }: Told): Promise<number> {
  await using stage = await open(places, 1);
  await runMemory({ stage, names: names || 100_000, areUids, say: print });
  return 0;
}

async function open(places: Places, servers: 1 | 3): Promise<Stage> {
  const folder = await Deno.makeTempDir({ prefix: "cells-" });
  return await Stage.start({ servers, places, folder });
}

function print(text: string): void {
  // deno-lint-ignore no-console -- for the person who started it
  console.log(text);
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
