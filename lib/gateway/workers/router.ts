import type { WorkerLink } from "./worker_link.ts";

/** Chooses the worker of a client: the one with the fewest clients of this gateway. */
export class Router {
  readonly #links = new Set<WorkerLink>();

  /** The workers' links, in the order they came. */
  get links(): ReadonlySet<WorkerLink> {
    return this.#links;
  }

  /** Adds a worker. */
  add(link: WorkerLink): void {
    this.#links.add(link);
  }

  /** Takes a worker out. */
  remove(link: WorkerLink): void {
    this.#links.delete(link);
  }

  /** Whether a worker has a link, or another one. */
  has({ link: { peer } }: WorkerLink): boolean {
    for (const { link } of this.#links) {
      if (link.peer.instance === peer.instance) return true;
    }
    return false;
  }

  /** Returns the worker for one more client; `undefined` if none takes any. */
  choose(): WorkerLink | undefined {
    let best: WorkerLink | undefined;
    for (const link of this.#links) {
      if (!link.takesClients) continue;
      if (best === undefined || link.clients < best.clients) best = link;
    }
    return best;
  }
}
