import { now } from "../base/clock.ts";
import type { Role } from "../base/role.ts";
import type { ChildSpec } from "./child.ts";
import { endsWithin } from "../base/pause.ts";
import { Guard } from "./guard.ts";
import { Slot, type SlotOptions } from "./slot.ts";

/** Children of one kind. */
export interface Group {
  /** What people call it: `gateways`. */
  readonly name: string;
  /** One process each. */
  readonly children: readonly ChildSpec[];
  /**
   * How to run them from the next rollout on, as many as before; what it throws ends
   * the rollout.
   *
   * @default {undefined} As before.
   */
  renew?(): readonly ChildSpec[];
}

/** Options for {@linkcode Supervisor.start}. */
export interface SupervisorOptions extends SlotOptions {
  /**
   * All processes are started at once, and load their code; those of a group begin
   * their work when the group before is ready. Stopped in the opposite order.
   */
  readonly groups: readonly Group[];
  /** Most milliseconds that `shutdown` takes; what is left then is killed. */
  readonly stopTimeout: number;
  /** Shuts down when aborted. */
  readonly signal?: AbortSignal;
  /** Kills all children when aborted. */
  readonly killSignal?: AbortSignal;
}

/** Takes a line about what was done. */
export type Say = (line: string) => void;

/** A child, as its supervisor sees it. */
export interface ChildState {
  /** What people call it. */
  readonly name: string;
  /** Process id; `undefined` while there is none. */
  readonly pid: number | undefined;
  /** Seconds since it was started. */
  readonly uptime: number;
  /** How often it was started again. */
  readonly restarts: number;
  /** What it answered; `undefined` if it did not in time. */
  readonly answer: unknown;
}

/** A child could not start, or did not stop. */
export class ChildError extends Error {
  override readonly name = "ChildError";
}

const STOPPED = "Cannot replace all: everything was told to stop meanwhile";

/** Starts processes, starts them again when they die, and stops them in order. */
export class Supervisor implements Role {
  /** Resolves when every child has left; rejects if one had to be killed. */
  readonly finished: Promise<void>;
  readonly #finished = Promise.withResolvers<void>();
  readonly #groups: ReadonlyMap<string, readonly Slot[]>;
  readonly #told: ReadonlyMap<string, Group>;
  readonly #stopTimeout: number;
  readonly #stopping = new AbortController();
  readonly #guard: Guard | undefined;
  readonly #listeners = new DisposableStack();
  #rollout: Promise<void> = Promise.resolve();

  private constructor(options: SupervisorOptions) {
    this.#guard = Guard.start(options.stopTimeout);
    const parent = { allStopping: this.#stopping.signal, guard: this.#guard };
    this.#groups = new Map(
      options.groups.map(({ name, children }) => [
        name,
        children.map((spec) => new Slot(spec, options, parent)),
      ]),
    );
    this.#told = new Map(options.groups.map((group) => [group.name, group]));
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
      for (const slot of supervisor.#all()) slot.load();
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

  /** Whether there is such a group. */
  has(group: string): boolean {
    return this.#groups.has(group);
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
   * @param say Is told of each child that was replaced.
   * @throws {ChildError} If a new child cannot start; the old one stays.
   */
  replaceAll(group: string, say: Say = () => {}): Promise<void> {
    const before = this.#rollout;
    // A rollout that failed has told its own caller; this one starts anew.
    this.#rollout = before.catch(() => {})
      .then(() => this.#rollOut(group, say));
    return this.#rollout;
  }

  /**
   * Asks all children the same, or all of a group.
   *
   * @param question Whatever they understand; becomes JSON.
   * @param timeout Most milliseconds to wait for an answer.
   * @param group Name of the group; all children if left out.
   * @returns How each is, with its answer.
   */
  async ask(
    question: unknown,
    timeout: number,
    group?: string,
  ): Promise<ChildState[]> {
    const slots = group === undefined ? this.#all() : this.#slots(group);
    return await Promise.all(
      slots.map(async (slot) => {
        const answer = await slot.ask(question, timeout);
        const { name, pid, restarts, since = now() } = slot;
        return {
          name,
          pid,
          restarts,
          uptime: (now() - since) / 1000,
          answer,
        };
      }),
    );
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

  #all(): Slot[] {
    return [...this.#groups.values()].flat();
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
    for (const slot of this.#all()) slot.kill();
  }

  async #rollOut(group: string, say: Say): Promise<void> {
    const specs = this.#told.get(group)?.renew?.() ?? [];
    for (const [i, slot] of this.#slots(group).entries()) {
      if (this.#stopping.signal.aborted) throw new ChildError(STOPPED);
      const before = slot.pid;
      const started = await slot.replace(specs[i]);
      if (this.#stopping.signal.aborted) throw new ChildError(STOPPED);
      if (started.type === "failed") {
        const oldGoesOn = `the old ${slot.name} goes on`;
        throw new ChildError(`${started.message}; ${oldGoesOn}`);
      }
      say(`Replaced ${slot.name}: pid ${before} by ${slot.pid}`);
    }
  }

  async #stop(): Promise<void> {
    using _ = this.#listeners;
    await using _guard = this.#guard;
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
