import type { Ledger } from "../clients/ledger.ts";
import type { Route } from "../workers/route.ts";
import {
  costOf,
  type KeptEvent,
  WaitingEvents,
} from "../workers/waiting_events.ts";
import type { DeliveryLimits } from "./delivery_limits.ts";

/** What a gateway holds of its clients' events, apart from what is on its way. */
export class Backlog {
  readonly #ledger: Ledger;
  readonly #limits: DeliveryLimits;
  /** What the events count for that wait for their turn. */
  waiting = 0;
  /** What those count for that workers have, and take long over. */
  kept = 0;

  /**
   * @param ledger Counts what waits.
   * @param limits What it may be.
   */
  constructor(ledger: Ledger, limits: DeliveryLimits) {
    this.#ledger = ledger;
    this.#limits = limits;
  }

  /** Whether it is so much that nobody is read who has events waiting. */
  get isFull(): boolean {
    return this.waiting + this.kept >= this.#limits.parkTotal;
  }

  /** Hot: whether workers take long over so much that no client may add a whole window. */
  get isCrowded(): boolean {
    return this.kept >= this.#limits.parkTotal;
  }

  /** Whether one more event of a client may go to its worker; it is counted then. */
  takes(route: Route, event: KeptEvent): boolean {
    if (!this.isCrowded) return true;
    if (route.isDone) route.crowdCost = 0;
    if (route.crowdCost >= this.#limits.parkBytes) return false;
    route.crowdCost += costOf(event);
    return true;
  }

  /** Adds a client's newest event. */
  push(route: Route, event: KeptEvent): void {
    route.waiting ??= new WaitingEvents();
    route.waiting.push(event);
    this.#ledger.parked++;
    this.waiting += costOf(event);
  }

  /** Takes a client's oldest event, which there must be. */
  shift(waiting: WaitingEvents): KeptEvent {
    const event = waiting.shift() as KeptEvent;
    this.#ledger.parked--;
    this.waiting -= costOf(event);
    return event;
  }

  /** Puts events of a client before all others of it. */
  prepend(route: Route, events: readonly KeptEvent[]): void {
    route.waiting ??= new WaitingEvents();
    route.waiting.prepend(events);
    this.#ledger.parked += events.length;
    for (const event of events) this.waiting += costOf(event);
  }

  /** Takes all events of a client, the oldest first: somebody else answers for them. */
  takeAll(route: Route): KeptEvent[] {
    const events: KeptEvent[] = [];
    const { waiting } = route;
    while (waiting?.first !== undefined) events.push(this.shift(waiting));
    this.#ledger.acknowledged += events.length;
    return events;
  }

  /** Takes over events that another gateway has taken, behind all others. */
  adopt(route: Route, events: readonly KeptEvent[]): void {
    route.waiting ??= new WaitingEvents();
    this.#ledger.accepted += events.length;
    for (const event of events) this.push(route, event);
  }

  /** Does the same, before all others. */
  adoptAgain(route: Route, events: readonly KeptEvent[]): void {
    this.#ledger.accepted += events.length;
    this.prepend(route, events);
  }

  /** Gives up all events of a client. */
  expire(route: Route): void {
    const { length = 0, cost = 0 } = route.waiting ?? {};
    route.waiting = undefined;
    this.#ledger.parked -= length;
    this.#ledger.expired += length;
    this.waiting -= cost;
  }
}
