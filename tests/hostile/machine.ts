/** Ticks of processors since the machine was started. */
interface Ticks {
  /** In which any program ran. */
  readonly busy: number;
  /** In which this process ran, or one that it has started. */
  readonly own: number;
  /** All there were. */
  readonly all: number;
}

/** Finds out how much of the machine's processors other programs use. */
export class Stopwatch {
  readonly #start: Ticks;

  private constructor(start: Ticks) {
    this.#start = start;
  }

  /** Begins to measure. */
  static async start(): Promise<Stopwatch> {
    return new Stopwatch(await readTicks());
  }

  /** The share of all processors that others have used since the start, from 0 to 1. */
  async others(): Promise<number> {
    const { busy, own, all } = await readTicks();
    const used = busy - this.#start.busy - (own - this.#start.own);
    return Math.max(0, used) / (all - this.#start.all);
  }
}

async function readTicks(): Promise<Ticks> {
  const text = await Deno.readTextFile("/proc/stat");
  const [line = ""] = text.split("\n");
  const ticks = line.split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  // What the system does for a network is not told apart: that may be our own.
  const [user = 0, nice = 0, system = 0, , , , , stolen = 0] = ticks;
  return { busy: user + nice + system + stolen, own: ownTicks(), all };
}

/** Ticks of this process and of all below it that live. */
function ownTicks(): number {
  const all = [...processes()];
  const children = Map.groupBy(all, ({ parent }) => parent);
  const own = all.filter(({ pid }) => pid === Deno.pid);
  // It grows while it is gone through.
  for (const { pid } of own) own.push(...children.get(pid) ?? []);
  return own.reduce((sum, { ticks }) => sum + ticks, 0);
}

function* processes() {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const [parent = 0, user = 0, system = 0] = [1, 11, 12].map((at) =>
        Number(fields[at])
      );
      yield { pid: Number(name), parent, ticks: user + system };
    } catch {
      // It ended before it was looked at.
    }
  }
}
