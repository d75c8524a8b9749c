/** Ticks of all processors since the machine was started. */
interface Ticks {
  readonly busy: number;
  readonly all: number;
}

/** Finds out how much of the machine's processors is in use. */
export class Stopwatch {
  readonly #start: Ticks;

  private constructor(start: Ticks) {
    this.#start = start;
  }

  /** Begins to measure. */
  static async start(): Promise<Stopwatch> {
    return new Stopwatch(await readTicks());
  }

  /** The share of all processors that was in use since the start, from 0 to 1. */
  async share(): Promise<number> {
    const { busy, all } = await readTicks();
    return (busy - this.#start.busy) / (all - this.#start.all);
  }
}

async function readTicks(): Promise<Ticks> {
  const text = await Deno.readTextFile("/proc/stat");
  const [line = ""] = text.split("\n");
  const ticks = line.split(/\s+/).slice(1).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  const [, , , idle = 0, waiting = 0] = ticks;
  return { busy: all - idle - waiting, all };
}
