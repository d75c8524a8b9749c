import type { Client, KeptEvent } from "./client.ts";
import type { WorkerLink } from "./worker_link.ts";

/**
 * Milliseconds after a lost worker before any event gets its last chance: where all
 * links break at once they are found out one after another, and no event is to blame.
 */
const LAST_CHANCE_DELAY = 1_000;

/**
 * Events that were in flight in so many lost workers that one more has them set
 * aside. Each worker has one of them in flight at a time, so that only the guilty
 * one can be.
 */
export class Suspects {
  readonly #maxDeliveries: number;
  readonly #waiting = new Map<WorkerLink, Set<Client>>();
  readonly #inFlight = new Map<WorkerLink, number>();
  #from = 0;

  /** @param maxDeliveries Lost workers after which an event is set aside. */
  constructor(maxDeliveries: number) {
    this.#maxDeliveries = maxDeliveries;
  }

  /** Whether it is the event's last chance. */
  has({ deliveries }: KeptEvent): boolean {
    return deliveries > 0 && deliveries >= this.#maxDeliveries - 1;
  }

  /** Whether such an event may be sent on a link now. */
  mayGo(link: WorkerLink, now: number): boolean {
    return now >= this.#from && !this.#inFlight.has(link);
  }

  /** Such an event of a client waits for its turn on a link. */
  wait(link: WorkerLink, client: Client): void {
    const waiting = this.#waiting.get(link);
    if (waiting === undefined) this.#waiting.set(link, new Set([client]));
    else waiting.add(client);
  }

  /** Such an event was sent. */
  send(link: WorkerLink, sequence: number): void {
    this.#inFlight.set(link, sequence);
  }

  /** Events were acknowledged; returns whether the one in flight is among them. */
  acknowledge(link: WorkerLink, sequence: number): boolean {
    const own = this.#inFlight.get(link) ?? Infinity;
    return own <= sequence && this.#inFlight.delete(link);
  }

  /** A link was lost. Its clients are no longer its own. */
  lose(link: WorkerLink, now: number): void {
    this.#inFlight.delete(link);
    this.#waiting.delete(link);
    if (!link.isDraining) this.#from = now + LAST_CHANCE_DELAY;
  }

  /** Yields the clients whose turn it is; whoever is yielded sends, or waits again. */
  *next(now: number): Generator<Client> {
    for (const [link, waiting] of [...this.#waiting]) {
      for (const client of [...waiting]) {
        if (!this.mayGo(link, now)) break;
        waiting.delete(client);
        yield client;
      }
      if (waiting.size === 0) this.#waiting.delete(link);
    }
  }
}
