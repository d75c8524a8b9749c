import { Deque } from "../../base/deque.ts";

/**
 * Milliseconds that a push waits: a little more than it takes until this bridge takes
 * over from one that is lost.
 */
const PATIENCE = 6_000;

/** Most bytes that wait; of more, the oldest are forgotten. */
const MAX_BYTES = 8 * 1024 * 1024;

/** What a push counts beside its bytes: memory has its price. */
const PUSH_COST = 256;

interface Waiting<Push> {
  readonly push: Push;
  readonly shard: number;
  readonly bytes: number;
  readonly since: number;
}

/**
 * Pushes for shards for which another bridge is active, or none. If that one is lost,
 * this one does those of the last while: by their ids no gateway does any twice. Pure:
 * time is given.
 */
export class WaitingPushes<Push> {
  readonly #all = new Deque<Waiting<Push>>();
  #bytes = 0;

  /** Keeps one for a shard. */
  add(shard: number, push: Push, bytes: number, time: number): void {
    const cost = bytes + PUSH_COST;
    this.#all.push({ push, shard, bytes: cost, since: time });
    this.#bytes += cost;
    while (this.#bytes > MAX_BYTES) this.#shift();
    this.sweep(time);
  }

  /** Gives out those of a shard, in order. */
  take(shard: number, time: number): Push[] {
    this.sweep(time);
    const taken: Push[] = [];
    for (let left = this.#all.length; left > 0; left--) {
      const each = this.#shift();
      if (each === undefined) break;
      if (each.shard === shard) taken.push(each.push);
      else {
        this.#all.push(each);
        this.#bytes += each.bytes;
      }
    }
    return taken;
  }

  /** Forgets what is too old. */
  sweep(time: number): void {
    for (
      let { first } = this.#all;
      first !== undefined && time - first.since > PATIENCE;
      first = this.#all.first
    ) this.#shift();
  }

  #shift(): Waiting<Push> | undefined {
    const each = this.#all.shift();
    this.#bytes -= each?.bytes ?? 0;
    return each;
  }
}
