import type { Route, RouteQueue } from "./route.ts";

/** Routes that wait until their worker has done what it got of them. */
export class Handover implements RouteQueue {
  readonly #routes = new Map<number, Route>();

  /** How many wait. */
  get size(): number {
    return this.#routes.size;
  }

  /** The one of a client, if it waits. */
  get(connectionId: number): Route | undefined {
    return this.#routes.get(connectionId);
  }

  /** Adds one. */
  add(route: Route): void {
    this.#routes.set(route.connectionId, route);
  }

  /** Takes one out. */
  delete({ connectionId }: Route): void {
    this.#routes.delete(connectionId);
  }
}
