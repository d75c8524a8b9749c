import { now } from "../../base/clock.ts";
import type { Client } from "../clients/client.ts";
import type { WorkerLink } from "./worker_link.ts";

/**
 * Milliseconds after a lost worker before any event gets its last chance: where all
 * links break at once they are found out one after another, and the workers come back.
 */
const LAST_CHANCE_DELAY = 1_000;

/** Most lost workers that are remembered. */
const MAX_GONE = 10_000;

/** An event that is in flight for the last time. */
interface LastChance {
  /** Its number on its link. */
  readonly sequence: number;
  /** Whose it is. */
  readonly client: Client;
}

/**
 * Finds events that workers die of. An event is blamed for each lost worker that had
 * it, unless that worker comes back: then its link was lost, and nothing died. With
 * one more death an event is set aside; until then it gets a last chance, for which
 * each worker has one such event in flight at a time, so that only the guilty one
 * can be.
 */
export class Suspects {
  readonly #maxDeliveries: number;
  readonly #gone = new Set<string>();
  readonly #waiting = new Map<WorkerLink, Set<Client>>();
  readonly #inFlight = new Map<WorkerLink, LastChance>();
  #from = 0;
  #lastBlamed: readonly string[] = [];

  /** @param maxDeliveries Lost workers after which an event is set aside. */
  constructor(maxDeliveries: number) {
    this.#maxDeliveries = maxDeliveries;
  }

  /**
   * A link is no more, and its clients are no longer its own.
   *
   * @param isBack Whether its worker has another link already.
   */
  onLost(link: WorkerLink, isBack: boolean): void {
    this.#inFlight.delete(link);
    this.#waiting.delete(link);
    if (link.isDraining || isBack) return;
    this.#from = now() + LAST_CHANCE_DELAY;
    this.#gone.add(link.link.peer.instance);
    if (this.#gone.size <= MAX_GONE) return;
    for (const oldest of this.#gone) {
      this.#gone.delete(oldest);
      return;
    }
  }

  /** Workers that are linked are not dead. */
  onLinked(links: Iterable<WorkerLink>): void {
    for (const { link } of links) this.#gone.delete(link.peer.instance);
  }

  /** Notes that a lost worker had an event; returns whether it is to be set aside. */
  blame(client: Client, number: number, { link }: WorkerLink): boolean {
    const blamed = client.blamed ??= new Map();
    const { instance } = link.peer;
    const instances = blamed.get(number);
    if (instances === undefined) blamed.set(number, this.#listOf(instance));
    else if (!instances.includes(instance)) {
      blamed.set(number, [...instances, instance]);
    }
    return this.#deaths(client, number) >= this.#maxDeliveries;
  }

  /** A worker alone; it is one list for all events that it was lost with. */
  #listOf(instance: string): readonly string[] {
    if (this.#lastBlamed[0] !== instance) this.#lastBlamed = [instance];
    return this.#lastBlamed;
  }

  /** A client's events before that number are done. */
  forget({ blamed }: Client, number: number): void {
    for (const each of blamed?.keys() ?? []) {
      if (each < number) blamed?.delete(each);
    }
  }

  /** Whether an event may be sent on a link now; if not, its client waits here. */
  mayGo(link: WorkerLink, client: Client, number: number): boolean {
    if (client.blamed === undefined) return true;
    if (!this.#has(client, number) || this.#isFree(link, now())) {
      return true;
    }
    const waiting = this.#waiting.get(link);
    if (waiting === undefined) this.#waiting.set(link, new Set([client]));
    else waiting.add(client);
    return false;
  }

  /** An event was sent, as the last one on its link. */
  onSent(link: WorkerLink, client: Client, number: number): void {
    if (client.blamed === undefined || !this.#has(client, number)) return;
    this.#inFlight.set(link, { sequence: client.lastSent, client });
  }

  /** Events were acknowledged or released; returns whether the one in flight is done now. */
  acknowledge(link: WorkerLink): boolean {
    const own = this.#inFlight.get(link);
    if (own === undefined || own.sequence > link.link.log.acknowledged) {
      return false;
    }
    return !own.client.isDeferred && this.#inFlight.delete(link);
  }

  /** Yields the clients whose turn it is; whoever is yielded sends, or waits again. */
  *next(): Generator<Client> {
    for (const link of [...this.#waiting.keys()]) {
      yield* this.nextOf(link, "all");
    }
  }

  /**
   * Does the same for one link: for all its clients, or until one had its turn, which
   * spares looking at all that wait each time that one is done.
   */
  *nextOf(link: WorkerLink, how: "all" | "one"): Generator<Client> {
    const waiting = this.#waiting.get(link);
    if (waiting === undefined) return;
    const time = now();
    for (const client of waiting) {
      const number = client.waiting?.first?.number ?? 0;
      if (this.#has(client, number) && !this.#isFree(link, time)) {
        if (how === "one") return;
        continue;
      }
      waiting.delete(client);
      yield client;
    }
    if (waiting.size === 0) this.#waiting.delete(link);
  }

  /** Whether it is the event's last chance. */
  #has(client: Client, number: number): boolean {
    const deaths = this.#deaths(client, number);
    return deaths > 0 && deaths >= this.#maxDeliveries - 1;
  }

  /** Whether a link can take such an event. */
  #isFree(link: WorkerLink, now: number): boolean {
    return now >= this.#from && !this.#inFlight.has(link) &&
      !link.link.isSilent;
  }

  #deaths({ blamed }: Client, number: number): number {
    let count = 0;
    for (const instance of blamed?.get(number) ?? []) {
      if (this.#gone.has(instance)) count++;
    }
    return count;
  }
}
