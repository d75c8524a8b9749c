// deno-lint-ignore-file no-console -- a program: its result goes to standard output
/**
 * The generator of counted work, a process of its own: lets clients exchange messages in
 * bouts, before and after which nothing is under way, and counts what each server
 * process did in between. Prints one line of JSON.
 *
 * @module
 */
import { messageOf } from "../../../lib/base/errors.ts";
import { Exchange } from "../load/exchange.ts";
import {
  type LoadOptions,
  type LoadTarget,
  parseLoadArgs,
} from "../load/load_options.ts";
import { connectAll } from "../load/message_load.ts";
import type { Watched } from "../load/proc.ts";
import { type Pattern, planRoutes, type Route } from "../load/routes.ts";
import { pause } from "../load/stopwatch.ts";
import { allocatedBytes } from "./allocations.ts";
import type { Counts, RoleCounts } from "./counts.ts";
import { SystemCallTrace } from "./system_calls.ts";

/** Bouts of each kind; what is reported has their spread. */
const BOUTS = 3;

/** How long a bout is. */
interface BoutSize {
  /** Messages received. */
  readonly messages: number;
  /** Messages sent, if each reaches many. */
  readonly rounds: number;
  /** Seconds after which it ends in any case. */
  readonly limit: number;
}

/** Until V8 has compiled what is hot: before, it allocates more, and by chance. */
const WARM_UP: BoutSize = { messages: 60_000, rounds: 100, limit: 8 };
const COUNTED: BoutSize = { messages: 20_000, rounds: 50, limit: 2 };
/** Traced processes are some ten times slower. */
const TRACED: BoutSize = { messages: 2_000, rounds: 5, limit: 2 };

/** Clients that exchange messages in bouts. */
class CountedLoad {
  readonly #exchange: Exchange;
  readonly #routes: readonly Route[];

  constructor(exchange: Exchange, routes: readonly Route[]) {
    this.#exchange = exchange;
    this.#routes = routes;
  }

  /** Exchanges messages until enough have come, and nothing is under way any more. */
  async bout({ messages, rounds, limit }: BoutSize): Promise<number> {
    const [route] = this.#routes;
    const enough = Math.max(messages, rounds * (route?.receivers ?? 1));
    const end = performance.now() + limit * 1_000;
    this.#exchange.beginMeasuring();
    this.#exchange.start();
    while (this.#exchange.delivered < enough && performance.now() < end) {
      await pause(0.002);
    }
    await this.#exchange.settle();
    return this.#exchange.delivered;
  }

  /** Bytes that each process allocates for a message. */
  async allocations(watched: readonly Watched[]): Promise<number[]> {
    const before = await readAllocations(watched);
    const messages = await this.bout(COUNTED);
    const after = await readAllocations(watched);
    return after.map((bytes, i) => (bytes - (before[i] ?? 0)) / messages);
  }

  /** What each process asks of the system for a message. */
  async systemCalls(watched: readonly Watched[]) {
    const traces: SystemCallTrace[] = [];
    try {
      for (const { pid } of watched) {
        traces.push(await SystemCallTrace.start(pid));
      }
      const messages = await this.bout(TRACED);
      const all = await Promise.all(
        traces.splice(0).map((each) => each.stop()),
      );
      return all.map((calls) => ({
        calls: (calls.sends + calls.receives + calls.waits) / messages,
        bytes: (calls.sent + calls.received) / messages,
      }));
    } finally {
      for (const trace of traces) await trace.stop();
    }
  }
}

async function readAllocations(watched: readonly Watched[]): Promise<number[]> {
  return await Promise.all(watched.map(({ pid }) => allocatedBytes(pid)));
}

async function countWork(
  load: LoadOptions,
  target: LoadTarget,
): Promise<Counts> {
  const routes = planRoutes({ ...load, pattern: load.mode as Pattern });
  const exchange = new Exchange(routes, load.clients, 0);
  const clients = await connectAll(exchange, routes, { load, target });
  const readers = clients.map((client) => client.run());
  const counted = new CountedLoad(exchange, routes);
  await counted.bout(WARM_UP);
  const roles: RoleCounts[] = target.watched.map(({ name }) => ({
    name,
    ...{ calls: [], bytes: [], allocated: [] },
  }));
  for (let bout = 0; bout < BOUTS; bout++) {
    const allocated = await counted.allocations(target.watched);
    roles.forEach((role, i) => role.allocated.push(allocated[i] ?? NaN));
  }
  let reason: string | undefined;
  try {
    for (let bout = 0; bout < BOUTS; bout++) {
      const asked = await counted.systemCalls(target.watched);
      roles.forEach((role, i) => {
        role.calls.push(asked[i]?.calls ?? NaN);
        role.bytes.push(asked[i]?.bytes ?? NaN);
      });
    }
  } catch (error) {
    reason = messageOf(error);
  }
  await exchange.drain();
  for (const client of clients) client.close();
  await Promise.all(readers);
  return { roles, faults: exchange.faults, ...(reason ? { reason } : {}) };
}

async function main(): Promise<number> {
  try {
    const { load, target } = parseLoadArgs(Deno.args);
    console.log(JSON.stringify(await countWork(load, target)));
    return 0;
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  }
}

if (import.meta.main) Deno.exitCode = await main();
