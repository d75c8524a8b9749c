import type { Role } from "../base/role.ts";
import type { ChildSpec } from "./child.ts";
import { endsWithin } from "./pause.ts";
import { Slot, type SlotOptions } from "./slot.ts";

/** Children of one kind. */
export interface Group {
  /** What people call it: `gateways`. */
  readonly name: string;
  /** One process each. */
  readonly children: readonly ChildSpec[];
}

/** Options for {@linkcode Supervisor.start}. */
export interface SupervisorOptions extends SlotOptions {
  /**
   * Started one after another, each when the one before is ready; stopped in the
   * opposite order.
   */
  readonly groups: readonly Group[];
  /** Most milliseconds that `shutdown` takes; what is left then is killed. */
  readonly stopTimeout: number;
  /** Shuts down when aborted. */
  readonly signal?: AbortSignal;
  /** Kills all children when aborted. */
  readonly killSignal?: AbortSignal;
}

/** A child could not start, or did not stop. */
export class ChildError extends Error {
  override readonly name = "ChildError";
}

/** Starts processes, starts them again when they die, and stops them in order. */
export class Supervisor implements Role {
  /** Resolves when every child has left; rejects if one had to be killed. */
  readonly finished: Promise<void>;
  readonly #finished = Promise.withResolvers<void>();
  readonly #groups: ReadonlyMap<string, readonly Slot[]>;
  readonly #stopTimeout: number;
  readonly #stopping = new AbortController();
  readonly #listeners = new DisposableStack();
  #rollout: Promise<void> = Promise.resolve();

  private constructor(options: SupervisorOptions) {
    this.#groups = new Map(
      options.groups.map(({ name, children }) => [
        name,
        children.map((spec) => new Slot(spec, options, this.#stopping.signal)),
      ]),
    );
    this.#stopTimeout = options.stopTimeout;
    this.finished = this.#finished.promise;
    // Whoever asks for `finished` gets the error; nobody asks when `start` rejects.
    this.finished.catch(() => {});
  }

  /**
   * Starts the children.
   *
   * @param options What to run.
   * @returns When every child is ready.
   * @throws {ChildError} If a child cannot start; all others have been stopped then.
   */
  static async start(options: SupervisorOptions): Promise<Supervisor> {
    const supervisor = new Supervisor(options);
    const { signal, killSignal } = options;
    supervisor.#onAbort(signal, () => supervisor.#shutDown());
    supervisor.#onAbort(killSignal, () => supervisor.#killAll());
    try {
      for (const slots of supervisor.#groups.values()) {
        supervisor.#stopping.signal.throwIfAborted();
        await startAll(slots);
      }
    } catch (error) {
      // Why it could not start is what its user must hear, not how it stopped.
      await supervisor.shutdown().catch(() => {});
      throw error;
    }
    return supervisor;
  }

  /** Process ids of a group's children, in their order. */
  pids(group: string): (number | undefined)[] {
    return this.#slots(group).map((slot) => slot.pid);
  }

  /**
   * Replaces the children of a group one after another, the new one ready before
   * the old one is asked to leave. Stops at the first that cannot start. A second
   * call begins when the first is done.
   *
   * @param group Name of the group.
   * @throws {ChildError} If a new child cannot start; the old one stays.
   */
  replaceAll(group: string): Promise<void> {
    const before = this.#rollout;
    // A rollout that failed has told its own caller; this one starts anew.
    this.#rollout = before.catch(() => {}).then(() => this.#rollOut(group));
    return this.#rollout;
  }

  /** Asks all children to leave, group by group; kills what is left in the end. */
  shutdown(): Promise<void> {
    this.#shutDown();
    return this.finished;
  }

  /** Shuts down. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #slots(group: string): readonly Slot[] {
    return this.#groups.get(group) ?? [];
  }

  #onAbort(signal: AbortSignal | undefined, action: () => void): void {
    if (signal === undefined) return;
    if (signal.aborted) return action();
    signal.addEventListener("abort", action);
    this.#listeners.defer(() => signal.removeEventListener("abort", action));
  }

  #shutDown(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#stop().then(this.#finished.resolve, this.#finished.reject);
  }

  #killAll(): void {
    for (const slots of this.#groups.values()) {
      for (const slot of slots) slot.kill();
    }
  }

  async #rollOut(group: string): Promise<void> {
    for (const slot of this.#slots(group)) {
      if (this.#stopping.signal.aborted) return;
      const started = await slot.replace();
      if (this.#stopping.signal.aborted || started.type === "ready") continue;
      throw new ChildError(`${started.message}; the old ${slot.name} goes on`);
    }
  }

  async #stop(): Promise<void> {
    using _ = this.#listeners;
    const stopped = this.#stopGroups();
    if (await endsWithin(stopped, this.#stopTimeout)) return;
    this.#killAll();
    await stopped;
    throw new ChildError(
      `Cannot stop within ${this.#stopTimeout} ms: killed what was left`,
    );
  }

  async #stopGroups(): Promise<void> {
    for (const slots of [...this.#groups.values()].reverse()) {
      await Promise.all(slots.map((slot) => slot.stop()));
    }
  }
}

async function startAll(slots: readonly Slot[]): Promise<void> {
  await Promise.all(slots.map(async (slot) => {
    const started = await slot.start();
    if (started.type === "failed") throw new ChildError(started.message);
  }));
}
