/**
 * Servers of NATS and bridges are killed, stand still and are cut off, one after the other,
 * while every cell sends to every other one.
 *
 * @module
 */
import { ACK_INTERVAL } from "../../lib/bridge/streams/pair.ts";
import type { Host } from "../testbed/network.ts";
import { Network } from "../testbed/network.ts";
import type { CellProcess, Place } from "./cell_process.ts";
import { Load } from "./load.ts";
import type { Cell, Places, Stage } from "./stage.ts";

/** What is allowed to get lost. */
type Allowance =
  /** Nothing: it was within the window. */
  | "nothing"
  /** What bridges and workers count, and exactly that. */
  | "counted"
  /** Likewise, and what had come may be, too, if nobody was told before nobody was left who could tell. */
  | "countedAndUnclear";

/** One thing that goes wrong, and goes right again. */
interface Fault {
  /** What. */
  readonly what: string;
  /** What may get lost. */
  readonly allows: Allowance;
  /** Does it, and undoes it. */
  readonly act: (run: ChaosRun) => Promise<void>;
}

/** What a run is made of. */
export interface ChaosOptions {
  /** The cells. */
  readonly stage: Stage;
  /** Where they run; lines can be cut only between places of their own. */
  readonly places: Places;
  /** Seconds of a split. */
  readonly split: number;
  /** Only faults whose name has this in it; all if empty. */
  readonly only: string;
  /** Told what goes on. */
  readonly say: (line: string) => void;
}

/** Milliseconds of load before and after each fault. */
const CALM = 2_000;

/** Longest wait until all that can come has come, in milliseconds. */
const SETTLE_TIMEOUT = 60_000;

/** Bridges report once a second. */
const REPORT = 2_500;

/** Runs all faults; returns what is wrong, a line each. */
export async function runChaos(options: ChaosOptions): Promise<string[]> {
  using load = await Load.begin(options.stage.cells);
  return await new ChaosRun(options, load).go();
}

class ChaosRun {
  readonly #wrongs: string[] = [];
  /** What each bridge that ever was has counted as lost, by reason. */
  readonly #lost = new Map<string, number>();
  readonly #network = new Network("cells");
  /** Frames of which nobody can say any more whether they came. */
  #unclear = 0;

  constructor(readonly options: ChaosOptions, readonly load: Load) {}

  async go(): Promise<string[]> {
    const { stage, say, only } = this.options;
    const faults = this.#faults().filter(({ what }) => what.includes(only));
    for (const { what, allows, act } of faults) {
      await this.#countLost();
      const before = new Map(this.#lost);
      this.#unclear = 0;
      this.load.start();
      await pause(CALM);
      await act(this);
      await stage.joined();
      await pause(CALM);
      await this.load.stop();
      await this.#settle();
      const { due, missing, wrongs } = this.load.look();
      await this.#countLost();
      const { lost, reasons } = difference(before, this.#lost);
      say(
        `${what}: ${due} due, ${missing} missing, ${lost} counted as lost${reasons}, at most ${this.#unclear} more than are missing`,
      );
      this.#judge(what, allows, { missing, lost });
      this.#wrongs.push(...wrongs.map((wrong) => `${what}: ${wrong}`));
    }
    return this.#wrongs;
  }

  #judge(
    what: string,
    allows: Allowance,
    { missing, lost }: { missing: number; lost: number },
  ): void {
    const isWrong = allows === "nothing"
      ? missing !== 0
      : allows === "counted"
      ? missing !== lost
      : missing > lost || lost > missing + this.#unclear;
    if (!isWrong) return;
    this.#wrongs.push(
      `${what}: ${missing} missing, ${lost} counted as lost; allowed is ${allows}, of which ${this.#unclear} are unclear`,
    );
  }

  #faults(): Fault[] {
    const { nats } = this.options.stage;
    const faults: Fault[] = [
      { what: "calm", allows: "nothing", act: () => pause(CALM) },
    ];
    for (const [i, server] of nats.entries()) {
      faults.push({
        what: `nats ${i} is killed for 1 s`,
        allows: "nothing",
        act: async () => {
          await server.kill();
          await pause(1_000);
          await server.start();
        },
      }, {
        what: `nats ${i} stands still for 3 s`,
        allows: "nothing",
        act: () => still(server, 3_000),
      });
    }
    const [first] = nats;
    if (first !== undefined) {
      faults.push({
        what: "nats 0 stands still for 20 s, which is longer than the window",
        allows: "counted",
        act: () => still(first, 20_000),
      });
    }
    faults.push(...this.#bridgeFaults(), this.#split());
    return faults;
  }

  #bridgeFaults(): Fault[] {
    const { cells } = this.options.stage;
    return cells.flatMap((cell): Fault[] => [{
      what: `the active bridge of ${cell.name} is killed`,
      allows: "nothing",
      act: async () => {
        const active = await this.#activeOf(cell.name);
        await active.kill();
        await pause(6_000);
        await active.start();
      },
    }, {
      what: `both bridges of ${cell.name} are killed for 5 s`,
      allows: "countedAndUnclear",
      act: () => this.#killBoth(cell, 5_000),
    }, {
      what:
        `both bridges of ${cell.name} are killed for 12 s, which is longer than anything is kept`,
      allows: "countedAndUnclear",
      act: () => this.#killBoth(cell, 12_000),
    }, {
      what: `the active bridge of ${cell.name} stands still for 8 s and wakes`,
      allows: "nothing",
      act: async () => {
        const active = await this.#activeOf(cell.name);
        await still(active, 8_000);
        await pause(3_000);
        await this.#onlyOneActive(cell.name);
      },
    }]);
  }

  async #killBoth({ name, bridges }: Cell, time: number): Promise<void> {
    const wait = ACK_INTERVAL + await this.#longestTrip();
    const since = performance.now();
    for (const bridge of bridges) await bridge.kill();
    this.#noteUnclear(name, since, wait);
    await pause(time);
    await Promise.all(bridges.map((bridge) => bridge.start()));
  }

  /**
   * Bridges of a cell were killed. What had come there, and was not acknowledged, is
   * counted by those who sent it: that waits for one acknowledgement. What had come from
   * there, and was not confirmed to workers, is counted by these for every other cell:
   * that waits for two, as a mark is made when the one before is past.
   */
  #noteUnclear(name: string, time: number, wait: number): void {
    const { load, options: { stage } } = this;
    const others = stage.cells.length - 1;
    const there = load.framesSince(time - wait, (cell) => cell !== name);
    const back = load.framesSince(time - 2 * wait, (cell) => cell === name);
    this.#unclear += there + back * others;
  }

  /** Milliseconds that the slowest acknowledgement of late took. */
  async #longestTrip(): Promise<number> {
    const cells = (await this.#reports()).flatMap(({ cells = [] }) => cells);
    return Math.max(0, ...cells.map(({ roundTrip }) => roundTrip));
  }

  /** A cell that is cut off, whole inside, and told of in queries. */
  #split(): Fault {
    const { places: { cells, nats }, stage, split } = this.options;
    const [away, ...others] = cells;
    // With one server only its line matters; with three, those between servers.
    const far = stage.nats.length === 1 ? [nats] : others;
    return {
      what: `eu is cut off for ${split} s`,
      allows: "counted",
      act: async () => {
        await this.#lines(away, far, "cut");
        await pause(split * 500);
        await this.#isTold("eu", ["cell us", "cell ap"]);
        await this.#isTold("us", ["cell eu"]);
        await pause(split * 500);
        await this.#lines(away, far, "mend");
        await stage.joined(90_000);
        await this.#isTold("us", []);
      },
    };
  }

  /** Cuts lines, or mends them; on one host, servers stand still instead. */
  async #lines(
    away: Place | undefined,
    far: readonly Place[],
    act: "cut" | "mend",
  ): Promise<void> {
    const { nats } = this.options.stage;
    if (away?.namespace === undefined) {
      for (const server of nats.slice(0, 1)) {
        if (act === "cut") server.freeze();
        else server.thaw();
      }
      return;
    }
    for (const place of far) {
      await this.#network[act](toHost(away), toHost(place));
    }
  }

  /** A query in a cell names who does not answer, and nobody else. */
  async #isTold(cell: string, silent: readonly string[]): Promise<void> {
    const done = await this.load.senderOf(cell)?.do({
      what: "count",
      name: "red",
    });
    const named = [...done?.silent ?? []].sort();
    if (JSON.stringify(named) === JSON.stringify([...silent].sort())) return;
    this.#wrongs.push(
      `a query in ${cell} says that ${
        named.join(", ") || "nobody"
      } is silent, and not ${silent.join(", ") || "nobody"}: ${done?.error}`,
    );
  }

  async #activeOf(name: string): Promise<CellProcess> {
    const { stage } = this.options;
    const cell = stage.cells.find((each) => each.name === name);
    if (cell === undefined) throw new RangeError(`There is no cell ${name}`);
    const active = (await stage.bridges(cell)).find(({ shards = [] }) =>
      shards.some(({ active }) => active)
    );
    const found = cell.bridges.find(({ pid }) => pid === active?.pid);
    if (found !== undefined) return found;
    throw new RangeError(`Cannot find the active bridge of ${name}`);
  }

  async #onlyOneActive(name: string): Promise<void> {
    const { stage } = this.options;
    const cell = stage.cells.find((each) => each.name === name);
    const bridges = cell === undefined ? [] : await stage.bridges(cell);
    const active = bridges.filter(({ shards = [] }) =>
      shards.some(({ active }) => active)
    );
    if (active.length === 1) return;
    this.#wrongs.push(`${active.length} bridges of ${name} are active`);
  }

  /** Waits until all has come, or until nothing more can. */
  async #settle(): Promise<void> {
    const deadline = performance.now() + SETTLE_TIMEOUT;
    while (!this.load.isComplete && performance.now() < deadline) {
      await pause(500);
      if (!await this.#isUnderWay()) return await pause(REPORT);
    }
  }

  async #isUnderWay(): Promise<boolean> {
    await pause(REPORT);
    const bridges = await this.#reports();
    return bridges.flatMap(({ cells = [] }) => cells)
      .some(({ unacknowledged }) => unacknowledged.frames > 0);
  }

  async #reports(): Promise<Awaited<ReturnType<Stage["bridges"]>>> {
    const { stage } = this.options;
    const all = await Promise.all(
      stage.cells.map((cell) => stage.bridges(cell)),
    );
    return all.flat();
  }

  async #countLost(): Promise<void> {
    await pause(REPORT);
    for (const { id, cell: from, cells = [] } of await this.#reports()) {
      for (const { cell, lost } of cells) {
        for (const [reason, count] of Object.entries<number>(lost)) {
          this.#lost.set(`${id} ${from} to ${cell}, ${reason}`, count);
        }
      }
    }
    const { cells } = this.options.stage;
    for (const cell of cells) {
      const { workers } = await this.options.stage.report(cell);
      for (const { id, lostAbroad = 0 } of workers) {
        // Each of these was for every other cell.
        const count = lostAbroad * (cells.length - 1);
        this.#lost.set(`${id} ${cell.name}, no bridge`, count);
      }
    }
  }
}

/** What was counted since a look, in all and in words. */
function difference(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): { lost: number; reasons: string } {
  const grown = [...after]
    .map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const)
    .filter(([, count]) => count !== 0);
  const lost = grown.reduce((sum, [, count]) => sum + count, 0);
  const reasons = grown.map(([key, count]) =>
    `${count} of ${key.slice(key.indexOf(" ") + 1)}`
  );
  return { lost, reasons: lost === 0 ? "" : ` (${reasons.join("; ")})` };
}

/** Something that can stand still. */
interface Freezable {
  freeze(): void;
  thaw(): void;
}

async function still(it: Freezable, time: number): Promise<void> {
  it.freeze();
  await pause(time);
  it.thaw();
}

function toHost({ address, namespace = "" }: Place): Host {
  return { name: namespace.replace(/^[^-]*-/, ""), address, namespace };
}

async function pause(time: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, time));
}
