import { now } from "../base/clock.ts";
import { backoff } from "../base/backoff.ts";
import { roomLogger } from "../observe/logger.ts";
import {
  Child,
  type ChildSpec,
  type Readiness,
  type Started,
} from "./child.ts";
import type { Guard } from "./guard.ts";
import { inLines } from "./host.ts";
import { endsWithin, pause } from "../base/pause.ts";

const logger = roomLogger("process");

/** A child that worked this long has recovered, in milliseconds. */
const STABLE_TIME = 10_000;

/** How long a child may take to be ready without a word, in milliseconds. */
const SLOW_START = 10_000;

/** How long after an answer a child is pinged again, in milliseconds. */
const PING_INTERVAL = 5_000;

/** From this many failures in a row on, somebody must look. */
const CRASH_LOOP = 3;

/**
 * How long a child that was sent SIGTERM waits, in milliseconds: systemd and others
 * signal the whole process tree, and then the order of leaving is the supervisor's.
 */
const ASKED_DELAY = 200;

/** What a slot tells, and how patient it is. */
export interface SlotOptions {
  /** Takes what the child prints; lines come whole. */
  onOutput(bytes: Uint8Array): void;
  /** A child is ready, the first or a later one. */
  onReady(readiness: Readiness): void;
  /** How long an old child may take to leave after `replace`, in milliseconds. */
  readonly stopTimeout: number;
  /**
   * Milliseconds before the first restart; doubles with each failure in a row.
   *
   * @default {100}
   */
  readonly minDelay?: number;
  /**
   * Milliseconds that a child may take to be ready; one that takes longer is killed.
   *
   * @default {0} No limit.
   */
  readonly startTimeout?: number;
  /**
   * Milliseconds within which a child that is ready must answer a ping; one that does
   * not, since its code blocks, is killed, and another started.
   *
   * @default {0} No limit.
   */
  readonly hangTimeout?: number;
}

/** What a slot has of its supervisor. */
export interface SlotParent {
  /** Aborts when the supervisor stops its children in order. */
  readonly allStopping: AbortSignal;
  /** Ends the child some time after its supervisor was killed. */
  readonly guard: Guard | undefined;
}

/** A place for one child, which is filled again whenever the child dies. */
export class Slot {
  #spec: ChildSpec;
  readonly #options: SlotOptions;
  readonly #allStopping: AbortSignal;
  readonly #guard: Guard | undefined;
  readonly #stopping = new AbortController();
  readonly #children = new Map<Child, Promise<void>>();
  #current: Child | undefined;
  #replacing: Promise<unknown> = Promise.resolve();
  #delays: Generator<number>;
  #failures = 0;
  #restarts = 0;

  /**
   * Does nothing until {@linkcode Slot.start}.
   *
   * @param spec What to run.
   * @param options Whom to tell.
   * @param parent What it has of its supervisor.
   */
  constructor(
    spec: ChildSpec,
    options: SlotOptions,
    { allStopping, guard }: SlotParent,
  ) {
    this.#guard = guard;
    this.#spec = spec;
    this.#allStopping = allStopping;
    this.#options = options;
    this.#delays = this.#newDelays();
  }

  /** What people call it. */
  get name(): string {
    return this.#spec.name;
  }

  /** Process id of the child that does the work now. */
  get pid(): number | undefined {
    return this.#current?.pid;
  }

  /** How often the child was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** When the child was started, `now()`. */
  get since(): number | undefined {
    return this.#current?.since;
  }

  /** Asks the child that does the work now; `undefined` if it does not answer in time. */
  async ask(question: unknown, timeout: number): Promise<unknown> {
    return await this.#current?.ask(question, timeout);
  }

  /** Starts the first child's process, which loads its code. */
  load(): void {
    this.#current ??= this.#spawn();
  }

  /** Lets the first child begin. One that cannot start is not tried again. */
  async start(): Promise<Started> {
    this.load();
    const child = this.#current as Child;
    const started = await this.#started(child);
    if (started.type === "ready") this.#accept(child, started);
    return started;
  }

  /**
   * Starts a second child and, when it is ready, asks the first to leave and waits
   * until it has. If the second cannot start, or is alone, the first stays.
   *
   * @param spec How to run it, and those after it; as the first one's successor if left
   * out.
   */
  async replace(
    spec: ChildSpec = this.#spec.successor?.() ?? this.#spec,
  ): Promise<Started> {
    const old = this.#current;
    const child = this.#spawn(spec);
    this.#replacing = child.started;
    const started = await this.#started(child);
    if (started.type === "failed") return started;
    if (started.isAlone && old?.isRunning) return await this.#dismiss(child);
    this.#spec = spec;
    this.#accept(child, started);
    if (old !== undefined) await this.#retire(old);
    return started;
  }

  /** Asks the child to leave, and waits until it has. No other follows. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const child of this.#children.keys()) child.order({ command: "stop" });
    while (this.#children.size > 0) await Promise.all(this.#children.values());
  }

  /** Ends the child at once. No other follows. */
  kill(): void {
    this.#stopping.abort();
    for (const child of this.#children.keys()) child.kill();
  }

  #newDelays(): Generator<number> {
    return backoff({ minDelay: this.#options.minDelay ?? 100 });
  }

  #spawn(spec: ChildSpec = this.#spec): Child {
    const child: Child = new Child(spec, {
      onOutput: this.#options.onOutput,
      onAsked: () => void this.#letGo(child),
    });
    void this.#guard?.add(child.pid);
    const gone = child.exited.then(() => {
      void this.#guard?.remove(child.pid);
      this.#children.delete(child);
    });
    this.#children.set(child, gone);
    return child;
  }

  /** Waits, and says so if it takes long: a handler may wait for something at load. */
  async #started(child: Child): Promise<Started> {
    const { startTimeout: limit = 0 } = this.#options;
    const { name } = this;
    const { pid } = child;
    const most = limit === 0 ? Infinity : now() + limit;
    child.begin();
    while (
      !await endsWithin(child.started, Math.min(SLOW_START, most - now()))
    ) {
      if (now() >= most) {
        logger.error(
          "{name} (pid {pid}) was not ready within {limit} ms: killed",
          { name, pid, limit },
        );
        child.kill();
        await child.exited;
        const message =
          `Cannot start ${name}: it was not ready within ${limit} ms`;
        return { type: "failed", message };
      }
      logger.warn("{name} (pid {pid}) is still not ready", { name, pid });
    }
    return await child.started;
  }

  /** Somebody wants this one child to leave; another will follow. */
  async #letGo(child: Child): Promise<void> {
    await pause(ASKED_DELAY, this.#allStopping);
    if (!this.#allStopping.aborted) child.order({ command: "stop" });
  }

  #accept(child: Child, readiness: Readiness): void {
    this.#current = child;
    this.#options.onReady(readiness);
    // Lives as long as the child, and never rejects: `stop` waits for the child.
    void this.#watch(child, now());
    void this.#keepAwake(child);
  }

  /** What works is not replaced by what has found nobody to work for. */
  async #dismiss(child: Child): Promise<Started> {
    await this.#retire(child);
    const message =
      `Cannot replace ${this.name}: nobody whom it works for has answered the new one`;
    return { type: "failed", message };
  }

  async #retire(old: Child): Promise<void> {
    old.order({ command: "stop" });
    if (await endsWithin(old.exited, this.#options.stopTimeout)) return;
    logger.error("{name} (pid {pid}) did not leave in time: killed", {
      name: this.name,
      pid: old.pid,
    });
    old.kill();
    await old.exited;
  }

  /** Never rejects; ends with the child. */
  async #keepAwake(child: Child): Promise<void> {
    const { hangTimeout = 0 } = this.#options;
    if (hangTimeout === 0) return;
    const gone = new AbortController();
    void child.exited.then(() => gone.abort());
    while (await child.isAwake(hangTimeout)) {
      if (gone.signal.aborted) return;
      await pause(Math.min(PING_INTERVAL, hangTimeout), gone.signal);
    }
    logger.error(
      "{name} (pid {pid}) has answered nothing for {hangTimeout} ms, so its code blocks: killed",
      { name: this.name, pid: child.pid, hangTimeout },
    );
    child.kill();
  }

  async #watch(child: Child, since: number): Promise<void> {
    const exit = await child.exited;
    await this.#replacing;
    if (now() - since >= STABLE_TIME) {
      this.#failures = 0;
      this.#delays = this.#newDelays();
    }
    await this.#restart(child, child.failure ?? exit);
  }

  /** Ends when a child is ready, or another took the place: see `replace`. */
  async #restart(dead: Child, cause: string): Promise<void> {
    const { signal } = this.#stopping;
    let child = dead;
    while (!signal.aborted && child === this.#current) {
      const delay = this.#delays.next().value;
      this.#tell(child, cause, delay);
      await pause(delay, signal);
      if (signal.aborted || child !== this.#current) return;
      child = this.#spawn();
      this.#current = child;
      const started = await this.#started(child);
      if (child !== this.#current) return child.order({ command: "stop" });
      if (started.type === "ready") return this.#accept(child, started);
      await child.exited;
      cause = started.message;
    }
  }

  #tell(child: Child, cause: string, delay: number): void {
    this.#failures++;
    this.#restarts++;
    const facts = {
      name: this.name,
      pid: child.pid,
      ...inLines(cause),
      delay: Math.round(delay),
      failures: this.#failures,
    };
    if (this.#failures < CRASH_LOOP) {
      logger.warn(
        "{name} (pid {pid}) ended: {cause}; starting it again in {delay} ms",
        facts,
      );
    } else {
      logger.error(
        "{name} (pid {pid}) keeps ending, {failures} times in a row: {cause}; starting it again in {delay} ms",
        facts,
      );
    }
  }
}
