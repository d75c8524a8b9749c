/**
 * Hot where clients are slow: each message to one of them passes here.
 *
 * @module
 */
import { ENTRY_COST } from "../../base/entry_cost.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import type { GapTeller, QueuePolicy } from "../connection.ts";

/** What became of a message offered to a {@linkcode MessageQueue}. */
export type Admission = "taken" | "dropped" | "overflow";

interface Entry {
  frame: Uint8Array;
  policy: QueuePolicy;
  key: string;
  /** Frames that were dropped here; 0 if it is none of their places. */
  gap: number;
  previous: Entry | undefined;
  next: Entry | undefined;
}

/**
 * Messages that wait, one by one, behind bytes that are on their way to a client that
 * is slow. Only messages that may be dropped make this queue necessary; while it
 * holds any, those that may not wait in it too, so that order is kept. Whatever waits,
 * each operation takes the same time on average. Pure: no I/O.
 */
export class MessageQueue {
  readonly #limit: number;
  readonly #gaps: GapTeller | undefined;
  #byKey: Map<string, Entry> | undefined;
  #first: Entry | undefined;
  #last: Entry | undefined;
  /** The oldest entry that may be dropped is this one or behind it. */
  #droppable: Entry | undefined;
  /** Cost of the one message that is larger than the limit, if there is one. */
  #oversize = 0;
  /** What all that wait count for. */
  #cost = 0;
  /** How many wait. */
  length = 0;
  /** Bytes of all that wait. */
  bytes = 0;
  /** Messages dropped so far, replaced ones included. */
  dropped = 0;

  /**
   * @param limit Most bytes that may wait, here and before it together, of which each
   *   message here takes `ENTRY_COST` beside its own. One message larger than that may
   *   wait too, as it may in an outbox.
   * @param gaps Is told what is dropped, where frames are counted: there, a gap stands
   *   in the place of each frame that is dropped.
   */
  constructor(limit: number, gaps?: GapTeller) {
    this.#limit = limit;
    this.#gaps = gaps;
  }

  /** What counts against the limit: a message larger than it is left out. */
  get load(): number {
    return this.#cost - this.#oversize;
  }

  /**
   * Offers a message.
   *
   * @param frame A whole encoded frame, kept, which must never change.
   * @param before Bytes queued before this queue.
   * @param policy What to do if there is no room. All but `drop-newest` drop older
   *   messages that may be dropped, the oldest first. `latest` replaces, if that leaves
   *   no more than the limit, a waiting message of the same key.
   * @param key What `latest` goes by.
   * @returns Whether it waits now, was dropped, or must not be dropped and has no room.
   */
  offer(
    frame: Uint8Array,
    before: number,
    policy: QueuePolicy,
    key = "",
  ): Admission {
    if (policy === "latest" && this.#replace(frame, before, key)) {
      return "taken";
    }
    const cost = costOf(frame, key);
    if (!this.#fits(cost, before)) {
      if (policy !== "drop-newest") this.#dropOldest(cost, before);
      if (!this.#fits(cost, before)) {
        if (policy === "close") return "overflow";
        this.dropped++;
        this.#addGap();
        return "dropped";
      }
    }
    this.#append(frame, policy, key);
    return "taken";
  }

  /** Takes the oldest message out. */
  shift(): Uint8Array | undefined {
    const entry = this.#first;
    if (entry === undefined) return undefined;
    this.#remove(entry);
    return entry.gap > 0 ? this.#gaps?.gap(entry.gap) : entry.frame;
  }

  #fits(cost: number, before: number): boolean {
    if (cost > this.#limit) return this.#oversize === 0;
    return before + this.load + cost <= this.#limit;
  }

  /** Puts a newer message in an older one's place, which keeps its turn. */
  #replace(frame: Uint8Array, before: number, key: string): boolean {
    const entry = this.#byKey?.get(key);
    if (entry === undefined) return false;
    const grown = frame.length - entry.frame.length;
    const isTooLarge = before + this.#cost + grown > this.#limit;
    if (grown > 0 && isTooLarge) {
      // It cannot stand where the old one stood; the old one is stale all the same.
      this.#drop(entry);
      return false;
    }
    this.#count(entry, -1);
    const older = entry.frame;
    entry.frame = frame;
    this.#count(entry, 1);
    this.dropped++;
    this.#gaps?.onReplaced(older, frame);
    this.#addGap();
    return true;
  }

  #append(frame: Uint8Array, policy: QueuePolicy, key: string): void {
    const previous = this.#last;
    const links = { previous, next: undefined };
    const entry: Entry = { frame, policy, key, gap: 0, ...links };
    if (previous === undefined) this.#first = entry;
    else previous.next = entry;
    this.#last = entry;
    this.#droppable ??= entry;
    if (policy === "latest") {
      this.#byKey ??= new Map();
      this.#byKey.set(key, entry);
    }
    this.#count(entry, 1);
  }

  #remove(entry: Entry): void {
    const { policy, key, previous, next } = entry;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    if (entry === this.#droppable) this.#droppable = next;
    if (policy === "latest") this.#byKey?.delete(key);
    this.#count(entry, -1);
  }

  /** Counts an entry that comes, with 1, or goes, with −1. */
  #count({ frame, key }: Entry, sign: 1 | -1): void {
    const cost = costOf(frame, key);
    if (cost > this.#limit) this.#oversize = sign > 0 ? cost : 0;
    this.length += sign;
    this.bytes += sign * frame.length;
    this.#cost += sign * cost;
  }

  #drop(entry: Entry): void {
    this.dropped++;
    if (this.#gaps === undefined) this.#remove(entry);
    else this.#leaveGap(entry);
  }

  /** Says in the place of a frame that it was dropped; gaps side by side are one. */
  #leaveGap(entry: Entry): void {
    const { previous, next } = entry;
    const beside = [previous, next].find((it) =>
      it !== undefined && it.gap > 0
    );
    if (beside !== undefined) {
      beside.gap++;
      this.#remove(entry);
      return this.#joinGaps(beside);
    }
    if (entry === this.#droppable) this.#droppable = next;
    if (entry.policy === "latest") this.#byKey?.delete(entry.key);
    this.#count(entry, -1);
    Object.assign(entry, { frame: NO_BYTES, policy: "close", key: "", gap: 1 });
    this.#count(entry, 1);
  }

  #joinGaps(gap: Entry): void {
    const { next } = gap;
    if (next === undefined || next.gap === 0) return;
    gap.gap += next.gap;
    this.#remove(next);
  }

  /** The newest frame was dropped, or stands elsewhere. */
  #addGap(): void {
    if (this.#gaps === undefined) return;
    const last = this.#last;
    if (last !== undefined && last.gap > 0) last.gap++;
    else {
      this.#append(NO_BYTES, "close", "");
      (this.#last as Entry).gap = 1;
    }
  }

  /** Drops droppable messages, oldest first, until one of that cost fits. */
  #dropOldest(cost: number, before: number): void {
    while (!this.#fits(cost, before)) {
      const entry = this.#droppable;
      if (entry === undefined) return;
      if (isDroppable(entry)) this.#drop(entry);
      else this.#droppable = entry.next;
    }
  }
}

function costOf(frame: Uint8Array, key: string): number {
  return frame.length + key.length + ENTRY_COST;
}

function isDroppable({ policy }: Entry): boolean {
  return policy === "drop-oldest" || policy === "latest";
}
