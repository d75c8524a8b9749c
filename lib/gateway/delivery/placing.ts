import type { ClientTable } from "../clients/client_table.ts";
import type { BoundWorker, Route } from "../workers/route.ts";
import type { Router } from "../workers/router.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import { routesOf } from "./routes_of.ts";
import type { Witnesses } from "./witnesses.ts";

/** Clients that are looked at before others get a turn. */
const SLICE = 1_000;

/** What a {@linkcode Placing} works with. */
export interface PlacingParts {
  /** The gateway's clients. */
  readonly table: ClientTable;
  /** Its workers. */
  readonly router: Router;
  /** Who knows of clients beside their workers. */
  readonly witnesses: Witnesses;
}

/** Binds clients to workers, and moves those that nothing holds back. */
export class Placing {
  readonly #table: ClientTable;
  readonly #router: Router;
  readonly #witnesses: Witnesses;

  /** Creates what places the clients of one gateway. */
  constructor({ table, router, witnesses }: PlacingParts) {
    this.#table = table;
    this.#router = router;
    this.#witnesses = witnesses;
  }

  /** A client's events go to a worker from now on. */
  bind(route: Route, link: WorkerLink): void {
    this.#witnesses.dismiss(route);
    route.bind(link);
  }

  /** Returns the link of a client's worker, and binds it to one if it has none and may have one. */
  boundLink(route: Route): BoundWorker | undefined {
    const { link } = route;
    if (link !== undefined && !link.isDraining && !route.isMisplaced) {
      return link;
    }
    if (link !== undefined) {
      if (!route.isDone) {
        route.wait("handover", link.handover);
        return undefined;
      }
      route.release();
    }
    const next = this.#router.choose(route);
    if (next !== undefined) this.bind(route, next);
    return next;
  }

  /** The idle clients of a worker that leaves go to others, as far as there are any for them. */
  vacate(link: WorkerLink): void {
    const idle = routesOf(this.#table.all(), (route) => {
      const isIdle = route.link === link && route.waiting === undefined &&
        route.isDone;
      return isIdle && this.#router.choose(route) !== undefined;
    });
    for (const route of idle) route.release();
    void this.rebind(idle);
  }

  /** Binds idle clients to workers, so that each is known to one that would miss it. */
  async rebind(routes: readonly Route[]): Promise<void> {
    for (const [index, route] of routes.entries()) {
      if (index % SLICE === SLICE - 1) await nextTurn();
      this.#rebindOne(route);
    }
  }

  /** A worker came: those idle clients that have none may go to it. */
  adoptIdle(): void {
    const isIdle = (route: Route) =>
      route.link === undefined && route.waiting === undefined;
    void this.rebind(routesOf(this.#table.everybody(), isIdle));
  }

  /** Finds those clients that belong to another worker by now. */
  async findMisplaced(found: (route: Route) => void): Promise<void> {
    const bound = routesOf(
      this.#table.all(),
      ({ link }) => link !== undefined,
    );
    for (const [index, route] of bound.entries()) {
      if (index % SLICE === SLICE - 1) await nextTurn();
      if (this.#router.isMisplaced(route)) found(route);
    }
  }

  /** A client for whom nothing waits goes to its worker, once its own has done what it got. */
  move(route: Route): void {
    const { link } = route;
    if (link === undefined || route.state === "deferred") return;
    if (!route.isDone) return route.wait("handover", link.handover);
    route.release();
    this.#rebindOne(route);
  }

  #rebindOne(route: Route): void {
    if (route.link !== undefined || route.waiting !== undefined) return;
    if (route.client.connection === undefined) return;
    const link = this.#router.choose(route);
    if (link === undefined) return;
    this.bind(route, link);
    link.sendBind(route);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
