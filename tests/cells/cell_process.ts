import { endsWithin } from "../../lib/base/pause.ts";
import { TestProcess, TestProcessError } from "../_support/processes.ts";

/** Longest wait until a process is ready, in milliseconds: many start at once. */
const PATIENCE = 120_000;

/** The command line of this checkout; of another one, to compare. */
const CLI = import.meta.resolve("../../cli.ts");

/** Where a process runs: nowhere in particular, or in a network namespace. */
export interface Place {
  /** Its address, as others dial it. */
  readonly address: string;
  /** Network namespace; none if absent. */
  readonly namespace?: string;
}

/** What a program is started by, where it runs. */
export function throughOf({ namespace }: Place): string[] {
  return namespace === undefined ? [] : ["ip", "netns", "exec", namespace];
}

/** One role as a process, which can be lost and come back. */
export class CellProcess implements AsyncDisposable {
  readonly #args: readonly string[];
  readonly #place: Place;
  #process: TestProcess | undefined;
  #isFrozen = false;
  /** What it is, for people. */
  readonly name: string;

  /**
   * @param name What it is.
   * @param place Where it runs.
   * @param args What the command line is told.
   */
  constructor(name: string, place: Place, args: readonly string[]) {
    this.name = name;
    this.#place = place;
    this.#args = args;
  }

  /** All that it wrote to standard error, one line each; a killed one is forgotten. */
  get errors(): readonly string[] {
    return this.#process?.errors ?? [];
  }

  /** Its process id; 0 if it does not run. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts it, and waits until it says that it is ready. */
  async start(): Promise<void> {
    const process = this.launch();
    const deadline = performance.now() + PATIENCE;
    while (!process.out.some((line) => line.includes(" ready"))) {
      if (
        performance.now() > deadline || await endsWithin(process.status, 50)
      ) {
        throw new TestProcessError(`Cannot start ${this.name}`, process);
      }
    }
  }

  /** Starts it, and does not wait. */
  launch(): TestProcess {
    const [program, ...args] = [
      ...throughOf(this.#place),
      Deno.execPath(),
      ...["run", "-A", CLI, ...this.#args],
    ];
    if (program === undefined) throw new RangeError("Cannot start nothing");
    this.#process = new TestProcess([program, ...args]);
    return this.#process;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#process?.signal("SIGKILL");
    await this.#process?.status;
  }

  /** Asks it to leave, and waits until it has. */
  async stop(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }

  /** Lets it stand still. */
  freeze(): void {
    this.#isFrozen = true;
    this.#process?.signal("SIGSTOP");
  }

  /** Lets it go on. */
  thaw(): void {
    this.#isFrozen = false;
    this.#process?.signal("SIGCONT");
  }

  /** Ends it, however it is. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isFrozen) this.thaw();
    await this.stop();
  }
}
