import { readUsage, type Usage, usageSince, type Watched } from "./proc.ts";

/** What {@linkcode Stopwatch.read} found. */
export interface Lap {
  /** Seconds since the start. */
  readonly seconds: number;
  /** What the watched processes used. */
  readonly usage: readonly Usage[];
  /** What this process used. */
  readonly generator: Usage;
}

/** Reads time and the use of the machine between two moments. */
export class Stopwatch {
  readonly #watched: readonly Watched[];
  readonly #start: number = performance.now();
  readonly #before: readonly Usage[];

  /** Starts the watch. */
  constructor(watched: readonly Watched[]) {
    this.#watched = [{ name: "generator", pid: Deno.pid }, ...watched];
    this.#before = readUsage(this.#watched);
  }

  /** Returns what was used since the start. */
  read(): Lap {
    const seconds = (performance.now() - this.#start) / 1_000;
    const [generator, ...usage] = usageSince(
      this.#before,
      readUsage(this.#watched),
    );
    return { seconds, usage, generator: generator as Usage };
  }
}

/** Waits. */
export function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}
