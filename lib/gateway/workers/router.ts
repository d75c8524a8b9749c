import type { WorkerLink } from "./worker_link.ts";

/** Which workers get clients first: those of the original, our own, or whoever has fewest. */
export type Preference = "php" | "ours" | "any";

/** Chooses the worker of a client: the one with the fewest clients of this gateway. */
export class Router {
  readonly #prefer: Preference;
  readonly #links = new Set<WorkerLink>();

  /** @param prefer Which workers come first. */
  constructor(prefer: Preference = "any") {
    this.#prefer = prefer;
  }

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
      if (best === undefined || this.#isBetter(link, best)) best = link;
    }
    return best;
  }

  #isBetter(link: WorkerLink, best: WorkerLink): boolean {
    const isLiked = this.#likes(link);
    if (isLiked !== this.#likes(best)) return isLiked;
    return link.clients < best.clients;
  }

  #likes({ link: { peer } }: WorkerLink): boolean {
    if (this.#prefer === "any") return true;
    return (peer.isOriginal === true) === (this.#prefer === "php");
  }
}
