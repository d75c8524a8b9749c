import type { Client } from "./client.ts";

/** Bytes that are held for one client that arrives; of more, the oldest count as dropped. */
const MAX_BYTES = 4_194_304;

/** What a held message counts for beside its bytes. */
const ENTRY_COST = 128;

/** A message to many that came while a client of theirs was on its way here. */
export interface HeldMessage {
  /** Instance of whoever sent it. */
  readonly sender: string;
  /** The sender's count of messages to many; 0 if it does not count them. */
  readonly stamp: number;
  /** Its bytes; they never change. */
  readonly payload: Uint8Array;
  /** Bits of `Flag`. */
  readonly flags: number;
  /** What the policy `latest` goes by. */
  readonly key: string | undefined;
}

/** A client of another gateway that is on its way here. */
export class Arrival {
  /** Names of its uid and groups. */
  readonly names: Set<string> = new Set();
  /** What came for it, the oldest first. */
  held: HeldMessage[] = [];
  /** What was to be done to it meanwhile, in order. */
  readonly acts: ((client: Client) => void)[] = [];
  #bytes = 0;
  /** Whether more came than is held. */
  isFull = false;

  /** Holds one more, if there is room. */
  hold(message: HeldMessage): void {
    this.#bytes += message.payload.length + ENTRY_COST;
    if (this.#bytes > MAX_BYTES) this.isFull = true;
    else this.held.push(message);
  }
}

/**
 * Clients that are on their way from other gateways. Until they have come, those have
 * them: who counts or looks for clients finds them there alone. What is sent to many is
 * held here meanwhile, and what of it the other gateway had as well is left out then.
 */
export class Arrivals {
  readonly #all = new Set<Arrival>();
  readonly #byName = new Map<string, Set<Arrival>>();
  /** By sender, the counts up to which those who have just come had messages to many. */
  readonly #landed = new Map<Client, ReadonlyMap<string, number>>();

  /** Hot: how many there are, or were a moment ago. */
  get size(): number {
    return this.#all.size + this.#landed.size;
  }

  /** One begins. */
  add(names: readonly string[]): Arrival {
    const arrival = new Arrival();
    this.#all.add(arrival);
    this.extend(arrival, names);
    return arrival;
  }

  /** It has further names. */
  extend(arrival: Arrival, names: readonly string[]): void {
    for (const name of names) {
      arrival.names.add(name);
      const known = this.#byName.get(name) ?? new Set();
      this.#byName.set(name, known.add(arrival));
    }
  }

  /** One has come, or will not. */
  delete(arrival: Arrival): void {
    this.#all.delete(arrival);
    for (const name of arrival.names) {
      const known = this.#byName.get(name);
      known?.delete(arrival);
      if (known?.size === 0) this.#byName.delete(name);
    }
  }

  /** Those of any of some names, each once; all of them if none are given. */
  of(names: readonly string[] | undefined): Iterable<Arrival> {
    if (names === undefined) return this.#all;
    const found = new Set<Arrival>();
    for (const name of names) {
      for (const arrival of this.#byName.get(name) ?? []) found.add(arrival);
    }
    return found;
  }

  /**
   * One has come, with what it had of each sender. This gateway may be behind the other
   * one: what it is told only now, and the client had there, is not for it.
   *
   * @param isLevel Resolves when all has come here that was sent before.
   */
  land(
    client: Client,
    had: ReadonlyMap<string, number>,
    isLevel: Promise<void>,
  ): void {
    this.#landed.set(client, had);
    void isLevel.then(() => this.#landed.delete(client));
  }

  /** What a client had of each sender, here or where it was before. */
  hadBy(
    client: Client,
    here: ReadonlyMap<string, number>,
  ): ReadonlyMap<string, number> {
    const all = new Map(here);
    for (const [sender, stamp] of this.#landed.get(client) ?? []) {
      if (isLater(stamp, all.get(sender) ?? 0)) all.set(sender, stamp);
    }
    return all;
  }

  /** Connection ids of those who had a message to many where they were before. */
  hadAlready(sender: string, stamp: number): number[] {
    if (stamp === 0) return [];
    return Array.from(this.#landed).flatMap(([{ connectionId }, had]) => {
      const last = had.get(sender);
      return last === undefined || isLater(stamp, last) ? [] : [connectionId];
    });
  }

  /** Something is done to all of a name: it will be to those who arrive. */
  note(name: string, act: (client: Client) => void): void {
    if (this.size === 0) return;
    for (const arrival of this.of([name])) arrival.acts.push(act);
  }
}

/** Whether a stamp is a later one than another; they begin again at 1 after 2³² − 1. */
export function isLater(stamp: number, other: number): boolean {
  return ((stamp - other) | 0) > 0;
}
