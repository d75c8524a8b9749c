import type { Client, KeptEvent } from "./client.ts";
import type { WorkerLink } from "./worker_link.ts";

/**
 * Milliseconds after a lost worker before any event gets its last chance: where all
 * links break at once they are found out one after another, and no event is to blame.
 */
const LAST_CHANCE_DELAY = 1_000;

/**
 * Events that were in flight in so many lost workers that one more has them set
 * aside. One of them is in flight at a time, so that only the guilty one can be.
 */
export class Suspects {
  readonly #maxDeliveries: number;
  readonly #waiting = new Set<Client>();
  #inFlight: { link: WorkerLink; sequence: number } | undefined;
  #from = 0;

  /** @param maxDeliveries Lost workers after which an event is set aside. */
  constructor(maxDeliveries: number) {
    this.#maxDeliveries = maxDeliveries;
  }

  /** Whether it is the event's last chance. */
  has({ deliveries }: KeptEvent): boolean {
    return deliveries > 0 && deliveries >= this.#maxDeliveries - 1;
  }

  /** Whether such an event may be sent now. */
  mayGo(now: number): boolean {
    return this.#inFlight === undefined && now >= this.#from;
  }

  /** Such an event of a client waits for its turn. */
  wait(client: Client): void {
    this.#waiting.add(client);
  }

  /** Such an event was sent. */
  send(link: WorkerLink, sequence: number): void {
    this.#inFlight = { link, sequence };
  }

  /** Events were acknowledged; returns whether the one in flight is among them. */
  acknowledge(link: WorkerLink, sequence: number): boolean {
    const inFlight = this.#inFlight;
    if (inFlight?.link !== link || inFlight.sequence > sequence) return false;
    this.#inFlight = undefined;
    return true;
  }

  /** A link was lost. */
  lose(link: WorkerLink, now: number): void {
    if (this.#inFlight?.link === link) this.#inFlight = undefined;
    if (!link.isDraining) this.#from = now + LAST_CHANCE_DELAY;
  }

  /** Yields the clients whose turn it is, until one has sent such an event. */
  *next(now: number): Generator<Client> {
    for (const client of [...this.#waiting]) {
      if (!this.mayGo(now)) return;
      this.#waiting.delete(client);
      yield client;
    }
  }
}
