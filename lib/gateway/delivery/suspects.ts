import { now } from "../../base/clock.ts";
import type { BoundWorker, Route } from "../workers/route.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

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
  readonly route: Route;
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
  readonly #waiting = new Map<BoundWorker, Set<Route>>();
  readonly #inFlight = new Map<BoundWorker, LastChance>();
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
  blame(route: Route, number: number, { link }: BoundWorker): boolean {
    const blamed = route.blamed ??= new Map();
    const { instance } = link.peer;
    const instances = blamed.get(number);
    if (instances === undefined) blamed.set(number, this.#listOf(instance));
    else if (!instances.includes(instance)) {
      blamed.set(number, [...instances, instance]);
    }
    return this.#deaths(route, number) >= this.#maxDeliveries;
  }

  /** A worker alone; it is one list for all events that it was lost with. */
  #listOf(instance: string): readonly string[] {
    if (this.#lastBlamed[0] !== instance) this.#lastBlamed = [instance];
    return this.#lastBlamed;
  }

  /** A client's events before that number are done. */
  forget({ blamed }: Route, number: number): void {
    for (const each of blamed?.keys() ?? []) {
      if (each < number) blamed?.delete(each);
    }
  }

  /** Whether an event may be sent on a link now; if not, its route waits here. */
  mayGo(link: BoundWorker, route: Route, number: number): boolean {
    if (route.blamed === undefined) return true;
    if (!this.#has(route, number) || this.#isFree(link, now())) {
      return true;
    }
    let waiting = this.#waiting.get(link);
    if (waiting === undefined) {
      waiting = new Set();
      this.#waiting.set(link, waiting);
    }
    route.wait("suspected", waiting);
    return false;
  }

  /** An event was sent, as the last one on its link. */
  onSent(link: BoundWorker, route: Route, number: number): void {
    if (route.blamed === undefined || !this.#has(route, number)) return;
    this.#inFlight.set(link, { sequence: route.lastSent, route });
  }

  /** Events were acknowledged or released; returns whether the one in flight is done now. */
  acknowledge(link: BoundWorker): boolean {
    const own = this.#inFlight.get(link);
    if (own === undefined || own.sequence > link.link.log.acknowledged) {
      return false;
    }
    return own.route.state !== "deferred" && this.#inFlight.delete(link);
  }

  /** Yields the routes whose turn it is; whoever is yielded sends, or waits again. */
  *next(): Generator<Route> {
    for (const link of [...this.#waiting.keys()]) {
      yield* this.nextOf(link, "all");
    }
  }

  /**
   * Does the same for one link: for all its clients, or until one had its turn, which
   * spares looking at all that wait each time that one is done.
   */
  *nextOf(link: BoundWorker, how: "all" | "one"): Generator<Route> {
    const waiting = this.#waiting.get(link);
    if (waiting === undefined) return;
    const time = now();
    for (const route of waiting) {
      const number = route.waiting?.first?.number ?? 0;
      if (this.#has(route, number) && !this.#isFree(link, time)) {
        if (how === "one") return;
        continue;
      }
      route.flow();
      yield route;
    }
    if (waiting.size === 0) this.#waiting.delete(link);
  }

  /** Whether it is the event's last chance. */
  #has(route: Route, number: number): boolean {
    const deaths = this.#deaths(route, number);
    return deaths > 0 && deaths >= this.#maxDeliveries - 1;
  }

  /** Whether a link can take such an event. */
  #isFree(link: BoundWorker, now: number): boolean {
    return now >= this.#from && !this.#inFlight.has(link) &&
      !link.link.isSilent;
  }

  #deaths({ blamed }: Route, number: number): number {
    let count = 0;
    for (const instance of blamed?.get(number) ?? []) {
      if (this.#gone.has(instance)) count++;
    }
    return count;
  }
}
