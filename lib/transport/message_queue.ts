/** What becomes of a message for which a slow client's queue has no room. */
export type QueuePolicy = "close" | "drop-oldest" | "drop-newest" | "latest";

/** What became of a message offered to a {@linkcode MessageQueue}. */
export type Admission = "taken" | "dropped" | "overflow";

interface Entry {
  frame: Uint8Array;
  readonly policy: QueuePolicy;
  readonly key: string;
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
  #byKey: Map<string, Entry> | undefined;
  #first: Entry | undefined;
  #last: Entry | undefined;
  /** The oldest entry that may be dropped is this one or behind it. */
  #droppable: Entry | undefined;
  /** Bytes of the one message that is larger than the limit, if there is one. */
  #oversize = 0;
  /** How many wait. */
  length = 0;
  /** Bytes of all that wait. */
  bytes = 0;
  /** Messages dropped so far, replaced ones included. */
  dropped = 0;

  /**
   * @param limit Most bytes that may wait, here and before it together. One message
   *   larger than that may wait too, as it may in an outbox.
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Offers a message.
   *
   * @param frame A whole encoded frame, kept, which must never change.
   * @param before Bytes queued before this queue.
   * @param policy What to do if there is no room. `latest` replaces, if that leaves
   *   no more than the limit, a waiting message of the same key, and else makes room
   *   like `drop-oldest`.
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
    if (!this.#fits(frame, before)) {
      if (policy === "close") return "overflow";
      if (policy !== "drop-newest") this.#dropOldest(frame, before);
      if (!this.#fits(frame, before)) {
        this.dropped++;
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
    return entry.frame;
  }

  #fits({ length }: Uint8Array, before: number): boolean {
    if (length > this.#limit) return this.#oversize === 0;
    return before + this.bytes - this.#oversize + length <= this.#limit;
  }

  /** Puts a newer message in an older one's place, which keeps its turn. */
  #replace(frame: Uint8Array, before: number, key: string): boolean {
    const entry = this.#byKey?.get(key);
    if (entry === undefined) return false;
    const grown = frame.length - entry.frame.length;
    const isTooLarge = before + this.bytes + grown > this.#limit;
    if (grown > 0 && isTooLarge) {
      // It cannot stand where the old one stood; the old one is stale all the same.
      this.#drop(entry);
      return false;
    }
    if (entry.frame.length === this.#oversize) this.#oversize = 0;
    entry.frame = frame;
    if (frame.length > this.#limit) this.#oversize = frame.length;
    this.bytes += grown;
    this.dropped++;
    return true;
  }

  #append(frame: Uint8Array, policy: QueuePolicy, key: string): void {
    const previous = this.#last;
    const entry: Entry = { frame, policy, key, previous, next: undefined };
    if (previous === undefined) this.#first = entry;
    else previous.next = entry;
    this.#last = entry;
    this.#droppable ??= entry;
    if (policy === "latest") {
      this.#byKey ??= new Map();
      this.#byKey.set(key, entry);
    }
    if (frame.length > this.#limit) this.#oversize = frame.length;
    this.length++;
    this.bytes += frame.length;
  }

  #remove(entry: Entry): void {
    const { frame, policy, key, previous, next } = entry;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    if (entry === this.#droppable) this.#droppable = next;
    if (policy === "latest") this.#byKey?.delete(key);
    if (frame.length > this.#limit) this.#oversize = 0;
    this.length--;
    this.bytes -= frame.length;
  }

  #drop(entry: Entry): void {
    this.#remove(entry);
    this.dropped++;
  }

  /** Drops droppable messages, oldest first, until the frame fits. */
  #dropOldest(frame: Uint8Array, before: number): void {
    while (!this.#fits(frame, before)) {
      const entry = this.#droppable;
      if (entry === undefined) return;
      if (isDroppable(entry)) this.#drop(entry);
      else this.#droppable = entry.next;
    }
  }
}

function isDroppable({ policy }: Entry): boolean {
  return policy === "drop-oldest" || policy === "latest";
}
