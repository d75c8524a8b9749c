import { now } from "../../base/clock.ts";
import type { Heartbeat } from "./heartbeat.ts";

/** Milliseconds without a heartbeat after which another bridge of this cell is replaced. */
export const REPLACE_AFTER = 3_000;

/** Milliseconds since its own last heartbeat came back within which a bridge hears itself. */
const HEARS_ITSELF = 1_600;

/** Milliseconds without a heartbeat after which a cell is unreachable: it is not empty. */
const UNREACHABLE_AFTER = 5_000;

/** Milliseconds after which a cell that is not heard any more is forgotten. */
const FORGET_AFTER = 3_600_000;

/** Most milliseconds that the clocks of two bridges may differ: an older message is a recorded one. */
export const REPLAY_WINDOW = 60_000;

/** Most bridges that are remembered. */
const MAX_BRIDGES = 10_000;

/** A bridge that was heard. */
interface KnownBridge {
  /** What it said last. */
  last: Heartbeat;
  /** When, `now()`. */
  heardAt: number;
}

/** Why a heartbeat was not believed. */
export type Disbelief = "clock" | "repeated" | "shards" | "full";

/** How a shard of a cell is. */
export interface ShardState {
  /** The newest epoch that any of its bridges said; 0 if none is active. */
  readonly epoch: number;
  /** What that one said of absent names before this is void. */
  readonly generation: number;
}

/** Who is there, as heartbeats say. Nothing is concluded from silence but that it is silent. */
export class Cells {
  readonly #cell: string;
  readonly #instance: string;
  readonly #shards: number;
  readonly #bridges = new Map<string, KnownBridge>();
  #selfHeardAt = -Infinity;
  /** Number of the last heartbeat of one's own that came back. */
  selfHeard = 0;

  /**
   * @param cell This cell.
   * @param instance This bridge.
   * @param shards How many shards there are.
   */
  constructor(cell: string, instance: string, shards: number) {
    this.#cell = cell;
    this.#instance = instance;
    this.#shards = shards;
  }

  /** Whether this bridge does not even hear itself: it knows nothing of others. */
  get isCutOff(): boolean {
    return now() - this.#selfHeardAt > REPLACE_AFTER;
  }

  /**
   * Whether it hears itself right now, so that it would hear others. Just not to be cut
   * off is too little where somebody's silence is judged: whoever spoke a moment before
   * this bridge did is silent for longer, when NATS is silent for everybody.
   */
  get hearsItself(): boolean {
    return now() - this.#selfHeardAt < HEARS_ITSELF;
  }

  /** The other cells. */
  get others(): string[] {
    const cells = new Set<string>();
    for (const { last } of this.#bridges.values()) {
      if (last.cell !== this.#cell) cells.add(last.cell);
    }
    return [...cells].sort();
  }

  /**
   * Takes a heartbeat.
   *
   * @param time The time of day.
   * @returns Why it is not believed; `undefined` if it is.
   */
  hear(heartbeat: Heartbeat, time: number): Disbelief | undefined {
    const { instance, number } = heartbeat;
    if (Math.abs(heartbeat.time - time) > REPLAY_WINDOW) return "clock";
    if (heartbeat.epochs.length !== this.#shards) return "shards";
    if (instance === this.#instance) {
      if (number <= this.selfHeard) return "repeated";
      this.selfHeard = number;
      this.#selfHeardAt = now();
      return undefined;
    }
    const known = this.#bridges.get(instance);
    if (known !== undefined && number <= known.last.number) return "repeated";
    if (known === undefined && this.#bridges.size >= MAX_BRIDGES) return "full";
    this.#bridges.set(instance, { last: heartbeat, heardAt: now() });
    return undefined;
  }

  /** Milliseconds since any bridge of a cell was heard. */
  silenceOf(cell: string): number {
    let heardAt = -Infinity;
    for (const bridge of this.#bridges.values()) {
      if (bridge.last.cell === cell) {
        heardAt = Math.max(heardAt, bridge.heardAt);
      }
    }
    return now() - heardAt;
  }

  /** Whether any bridge of a cell was heard of late that did not say that it leaves. */
  isHeard(cell: string): boolean {
    if (this.isCutOff) return false;
    for (const { last, heardAt } of this.#bridges.values()) {
      const isThere = last.cell === cell && !last.isLeaving;
      if (isThere && now() - heardAt <= UNREACHABLE_AFTER) return true;
    }
    return false;
  }

  /** Whether a bridge was heard before, or is this one. */
  knows(instance: string): boolean {
    return instance === this.#instance || this.#bridges.has(instance);
  }

  /** How a shard of another cell is. */
  stateOf(cell: string, shard: number): ShardState {
    let state: ShardState = { epoch: 0, generation: 0 };
    for (const { last } of this.#bridges.values()) {
      const epoch = last.epochs[shard] ?? 0;
      if (last.cell !== cell || epoch <= state.epoch) continue;
      state = { epoch, generation: last.generations[shard] ?? 0 };
    }
    return state;
  }

  /**
   * The newest epoch that another bridge of this cell said for a shard; 0 if none that
   * was heard of late is active.
   */
  rivalFor(shard: number): number {
    let newest = 0;
    for (const { last, heardAt } of this.#bridges.values()) {
      if (last.cell !== this.#cell || last.isLeaving) continue;
      if (now() - heardAt > REPLACE_AFTER) continue;
      newest = Math.max(newest, last.epochs[shard] ?? 0);
    }
    return newest;
  }

  /** The newest epoch that was ever heard for a shard of this cell. */
  newestEpoch(shard: number): number {
    return this.stateOf(this.#cell, shard).epoch;
  }

  /** Forgets bridges that left or were silent for very long; returns the cells that are gone. */
  sweep(): string[] {
    const before = this.others;
    for (const [instance, { last, heardAt }] of this.#bridges) {
      const silence = now() - heardAt;
      const isOver = silence > FORGET_AFTER ||
        last.cell === this.#cell && silence > 2 * REPLAY_WINDOW ||
        this.#isReplaced(instance, last) && silence > 2 * REPLAY_WINDOW;
      if (isOver) this.#bridges.delete(instance);
    }
    const left = this.others;
    return before.filter((cell) => !left.includes(cell));
  }

  /** Whether another bridge of its cell was heard later. */
  #isReplaced(instance: string, { cell }: Heartbeat): boolean {
    const heardAt = this.#bridges.get(instance)?.heardAt ?? 0;
    for (const other of this.#bridges.values()) {
      if (other.last.cell === cell && other.heardAt > heardAt) return true;
    }
    return false;
  }
}
