import { toClientRequest } from "../../wire/bodies/client_request.ts";
import { formatLabels, hasLabels } from "../../wire/bodies/labels.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import { type ThrownLine, ThrownLog } from "../../observe/thrown_log.ts";
import { hashText, winnerOf } from "./rendezvous.ts";
import type { Route } from "./route.ts";
import type { RouteFunction, RouteWorker } from "./route_function.ts";
import { LEAST, type RouteRule } from "./route_rule.ts";
import type { WorkerLink } from "./worker_link.ts";

const logger = roomLogger("gateway");

/** Which workers get clients first: those of the original, our own, or whoever has fewest. */
export type Preference = "php" | "ours" | "any";

/** A client of which the router is asked. */
export type Routed = Pick<Route, "client" | "connectionId" | "link">;

/** Options for {@linkcode Router}. */
export interface RouterOptions {
  /** By what workers are chosen; whoever has fewest clients if left out. */
  readonly rule?: RouteRule;
  /** How a client is called. */
  readonly clientId?: (connectionId: number) => string;
}

const NOT_ROUTED: ThrownLine = {
  kind: "route",
  text:
    "Cannot route a client as the program says, so the worker with fewest gets it: {reason} ({suppressed} like this before)",
  facts: {},
};

/** Chooses the workers of clients. */
export class Router {
  readonly #prefer: Preference;
  readonly #clientId: (connectionId: number) => string;
  readonly #links = new Set<WorkerLink>();
  readonly #thrown = new ThrownLog(logger);
  readonly #limited = new RateLimitedLog();
  /** By what workers are chosen. */
  readonly rule: RouteRule;

  /**
   * @param prefer Which workers come first.
   * @param options By what it chooses.
   */
  constructor(
    prefer: Preference = "any",
    { rule = LEAST, clientId = String }: RouterOptions = {},
  ) {
    this.#prefer = prefer;
    this.#clientId = clientId;
    this.rule = rule;
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

  /** Whether a client may belong to another worker once one comes. */
  get movesOnWorker(): boolean {
    return this.rule.kind === "uid" || this.rule.kind === "header";
  }

  /** Whether a client may belong to another worker once it has another uid. */
  get movesOnUid(): boolean {
    return this.rule.kind === "uid" || this.rule.kind === "function";
  }

  /** Returns the worker with fewest clients; `undefined` if none takes any. */
  least(): WorkerLink | undefined {
    return this.#leastOf(this.#links);
  }

  /** Returns the worker for a client; `undefined` if none of those it may have takes any. */
  choose(route: Routed): WorkerLink | undefined {
    switch (this.rule.kind) {
      case "least":
        return this.least();
      case "uid":
        return this.#byKey(route.client.uid);
      case "header":
        return this.#byKey(route.client.wish?.key);
      case "label":
        return this.#byLabels(route);
      case "function":
        return this.#asked(route, this.rule.choose);
      default:
        return this.rule satisfies never;
    }
  }

  /** Whether a client that has a worker belongs to another one. */
  isMisplaced(route: Routed): boolean {
    const { link, client: { uid, wish } } = route;
    if (link === undefined) return false;
    const isUnknown = this.rule.kind === "uid" && uid === undefined ||
      this.rule.kind === "header" && wish?.key === undefined;
    if (isUnknown) return false;
    const best = this.choose(route);
    return best !== undefined && best !== link;
  }

  /** What workers a client waits for that other clients do not; `undefined` for any. */
  lackOf({ client: { wish } }: Routed): string | undefined {
    if (this.rule.kind !== "label" || wish?.labels === undefined) {
      return undefined;
    }
    return formatLabels(wish.labels);
  }

  /** A client waits: says so, where there are workers and none that it may have. */
  tellLack(route: Routed): void {
    const label = this.lackOf(route);
    const { size: workers } = this.#links;
    if (label === undefined || workers === 0) return;
    // Strangers may choose the values, not the names.
    const names = Object.keys(route.client.wish?.labels ?? {}).join(",");
    this.#limited.once(names, (suppressed) => {
      logger.warn(
        "No worker of {workers} has the label {label}, so client {client} waits for one ({suppressed} like this before)",
        {
          workers,
          label,
          client: this.#clientId(route.connectionId),
          suppressed,
        },
      );
    });
  }

  #byKey(key: string | undefined): WorkerLink | undefined {
    if (key === undefined) return this.least();
    return winnerOf(hashText(key), this.#liked());
  }

  #byLabels({ client: { wish } }: Routed): WorkerLink | undefined {
    const { labels } = wish ?? {};
    if (labels === undefined) return this.least();
    const fitting: WorkerLink[] = [];
    for (const link of this.#links) {
      if (hasLabels(link.labels, labels)) fitting.push(link);
    }
    return this.#leastOf(fitting);
  }

  #asked(route: Routed, choose: RouteFunction): WorkerLink | undefined {
    const workers = new Map<string, [WorkerLink, RouteWorker]>();
    for (const link of this.#links) {
      if (!link.takesClients) continue;
      const worker = toRouteWorker(link);
      workers.set(worker.id, [link, worker]);
    }
    if (workers.size === 0) return undefined;
    try {
      const event = this.#eventOf(route);
      const chosen: unknown = choose(
        event,
        Array.from(workers.values(), ([, worker]) => worker),
      );
      if (chosen === undefined) return undefined;
      // It is none of the workers, and nobody else would hear if it rejects.
      if (chosen instanceof Promise) chosen.catch(() => {});
      const { id } = chosen as Partial<RouteWorker>;
      const link = workers.get(id ?? "")?.[0];
      if (link !== undefined) return link;
      throw new TypeError(
        "Cannot route a client as route must return one of the workers, or nothing: found something else",
      );
    } catch (error) {
      this.#thrown.add(NOT_ROUTED, error);
      return this.least();
    }
  }

  #eventOf({ client, connectionId }: Routed) {
    const { uid, wish, remoteAddress = "", listener = 0 } = client;
    const { request } = wish ?? {};
    return {
      clientId: this.#clientId(connectionId),
      uid,
      remoteAddress,
      listener,
      request: request &&
        toClientRequest(request.target, request.headers, request.certificate),
      worker: wish?.labels,
    };
  }

  /** Those that take clients, of the kind that is preferred as far as there is one. */
  #liked(): WorkerLink[] {
    const taking = [...this.#links].filter(({ takesClients }) => takesClients);
    const liked = taking.filter((link) => this.#likes(link));
    return liked.length > 0 ? liked : taking;
  }

  #leastOf(links: Iterable<WorkerLink>): WorkerLink | undefined {
    let best: WorkerLink | undefined;
    for (const link of links) {
      if (!link.takesClients) continue;
      if (best === undefined || this.#isBetter(link, best)) best = link;
    }
    return best;
  }

  #isBetter(link: WorkerLink, best: WorkerLink): boolean {
    const isLiked = this.#likes(link);
    if (isLiked !== this.#likes(best)) return isLiked;
    return (link.clients + 1) * best.weight < (best.clients + 1) * link.weight;
  }

  #likes({ link: { peer } }: WorkerLink): boolean {
    if (this.#prefer === "any") return true;
    return (peer.isOriginal === true) === (this.#prefer === "php");
  }
}

function toRouteWorker(
  { link: { peer }, labels, weight, clients }: WorkerLink,
): RouteWorker {
  const { instance: id, name, address } = peer;
  return { id, name, address, labels, weight, clients };
}
