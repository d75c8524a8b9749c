import {
  type ControlOrder,
  giveOrder,
  isAlive,
} from "../../process/control.ts";
import { type RuntimeDir, RuntimeDirError } from "../../process/runtime_dir.ts";
import type { ProcessQuestion } from "./question.ts";

/** In which order the commands of a machine are stopped: gateways while there are workers. */
const STOP_ORDER = ["gateway", "start", "worker", "register"];

/** An order that a process does, and goes on. */
type LastingOrder = Extract<ControlOrder, { order: "reload" | "drain" }>;

/** An order that the end of the process may be the end of. */
type FinalOrder = Extract<ControlOrder, { order: "stop" | "tap" }>;

/** There is nobody to ask or to order anything. */
export class NothingRunsError extends Error {
  override readonly name = "NothingRunsError";
}

/** What runs on this machine, by what it left in the runtime directory. */
export class LocalProcesses {
  readonly #dir: RuntimeDir;
  readonly #names: readonly string[];

  private constructor(dir: RuntimeDir, names: readonly string[]) {
    this.#dir = dir;
    this.#names = names;
  }

  /**
   * Finds what runs; what is dead is cleared away.
   *
   * @param dir The runtime directory.
   * @throws {NothingRunsError} If nothing does.
   */
  static async find(dir: RuntimeDir): Promise<LocalProcesses> {
    const names: string[] = [];
    for (const command of STOP_ORDER) {
      for (const name of dir.names()) {
        const isIt = name === command || name.startsWith(`${command}-`);
        if (isIt && await isAlive(dir, name)) names.push(name);
      }
    }
    if (names.length > 0) return new LocalProcesses(dir, names);
    throw new NothingRunsError(
      `Nothing runs here (looked in ${dir.path}): start it first, or say where with --runtime-dir, or with --register as it was started with`,
    );
  }

  /** Under which names they take orders, in the order of stopping. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** The process id of one of them. */
  pid(name: string): number | undefined {
    return this.#dir.pid(name);
  }

  /** Asks all of them the same; who has gone meanwhile answers `undefined`. */
  async ask(question: ProcessQuestion): Promise<unknown[]> {
    return await Promise.all(this.#names.map(async (name) => {
      try {
        return await giveOrder({ dir: this.#dir, name }, {
          order: "ask",
          question,
        });
      } catch {
        // It ends just now: it is not there any more, which is the answer.
        return undefined;
      }
    }));
  }

  /**
   * Has one of them do something, and say how it goes.
   *
   * @throws {RuntimeDirError} If that was not done, or it ended before it had said so.
   */
  async order(
    name: string,
    order: LastingOrder,
    say: (line: string) => void,
  ): Promise<void> {
    let last = "nothing";
    const result = await giveOrder({ dir: this.#dir, name }, order, (line) => {
      last = line;
      say(line);
    });
    if (result !== undefined) return;
    throw new RuntimeDirError(
      `Cannot ${order.order} to the end: the process ended before it was done; the last that it said is "${last}"`,
    );
  }

  /**
   * Has one of them stop, or do something until it stops.
   *
   * @throws {RuntimeDirError} If that was not done.
   */
  async untilEnd(
    name: string,
    order: FinalOrder,
    say?: (line: string) => void,
  ): Promise<void> {
    await giveOrder({ dir: this.#dir, name }, order, say);
  }
}

/** What runs here and has gateways. */
const WITH_GATEWAYS = /^(gateway|start)\b/;

/**
 * Returns the names of those that have gateways.
 *
 * @throws {NothingRunsError} If none has.
 */
export function withGateways({ names }: LocalProcesses): string[] {
  const found = names.filter((name) => WITH_GATEWAYS.test(name));
  if (found.length > 0) return found;
  throw new NothingRunsError(
    `Nothing to do: of what runs here (${
      names.join(", ")
    }), nothing has gateways`,
  );
}
