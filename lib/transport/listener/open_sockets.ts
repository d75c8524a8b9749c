import type { ConnectionLimit } from "../admission/connection_limit.ts";
import type { Refusal } from "../connection.ts";

/** Somebody who has connected, whether or not it is a client yet. */
export interface Guest {
  /** Ends now. */
  destroy(): void;
}

/** Most guests at a time that are told why they may not come in. */
const MOST_REFUSED = 64;

/** The guests of one listener, counted with those of all that share its limit. */
export class OpenSockets<Kind extends Guest> {
  readonly #limit: ConnectionLimit;
  readonly #all = new Set<Kind>();
  readonly #hosts = new Map<Kind, string>();
  readonly #refused = new Set<Kind>();
  /** Those whose connections are counted by themselves. */
  readonly #beside = new Set<Kind>();

  /** @param limit Counts all clients. */
  constructor(limit: ConnectionLimit) {
    this.#limit = limit;
  }

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  /** Those among them that count for none, or that others are counted for. */
  get uncounted(): number {
    return this.#refused.size + this.#beside.size;
  }

  /** All of them. */
  [Symbol.iterator](): Iterator<Kind> {
    return this.#all.values();
  }

  /** Takes in a client. */
  add(guest: Kind): void {
    this.#all.add(guest);
    this.#limit.connections++;
  }

  /** Takes in a client whose connections are here, and counted, already. */
  addBeside(guest: Kind): void {
    this.#all.add(guest);
    this.#beside.add(guest);
  }

  /**
   * Takes in one that is refused, or counts one that is here as such. If there are too
   * many of them, the one goes that came first: who asks and listens needs little time.
   */
  addRefused(guest: Kind): void {
    if (this.#refused.has(guest)) return;
    if (this.#all.has(guest)) this.#limit.connections--;
    this.#all.add(guest);
    this.#refused.add(guest);
    const [oldest] = this.#refused;
    if (this.#refused.size > MOST_REFUSED) oldest?.destroy();
  }

  /** Notes where a client comes from; returns why there may not be one more of there. */
  enterFrom(guest: Kind, host: string): Refusal | undefined {
    const refusal = this.#limit.enterFrom(host);
    if (refusal !== undefined) return refusal;
    if (this.#limit.maxPerAddress < Infinity) this.#hosts.set(guest, host);
    return undefined;
  }

  /** Has one stand for another, with all that was noted of it. */
  replace(before: Kind, after: Kind): void {
    this.#all.delete(before);
    this.#all.add(after);
    if (this.#refused.delete(before)) this.#refused.add(after);
    const host = this.#hosts.get(before);
    if (host === undefined) return;
    this.#hosts.delete(before);
    this.#hosts.set(after, host);
  }

  /** Forgets one that is gone. */
  delete(guest: Kind): void {
    this.#all.delete(guest);
    const isCounted = !this.#refused.delete(guest) &&
      !this.#beside.delete(guest);
    if (isCounted) this.#limit.connections--;
    const host = this.#hosts.get(guest);
    if (host !== undefined) this.#limit.leaveFrom(host);
    this.#hosts.delete(guest);
  }
}
