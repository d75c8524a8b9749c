import { Flag } from "../../wire/frame.ts";
import type { Client } from "../clients/client.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { AskedWorker } from "../workers/client_requests.ts";
import type { KeptEvent } from "../workers/waiting_events.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { SendingLinks } from "./moves_parts.ts";
import { stayWith } from "./same_worker.ts";

/** What a worker of another gateway has of a client's events, or of its requests. */
interface Old {
  readonly client: Client;
  /** The link with that gateway. */
  readonly link: WorkerLink;
  /** Copies of the events, for the case that they are lost. */
  readonly events: readonly KeptEvent[];
  /** Who is told that nobody waits for an answer. */
  readonly worker: AskedWorker;
  /** That worker's instance; `undefined` if it is not known. */
  readonly instance: string | undefined;
  /** Whether the worker is not done with them. */
  isBusy: boolean;
  /** Who waits for that, if the client has gone on to a further gateway. */
  onDone: ((isDone: boolean) => void) | undefined;
}

/** What is known of a client that came while a worker had events of it. */
export interface OldOptions {
  /** The link with the gateway that it came from. */
  readonly link: WorkerLink;
  /** Its connection id there. */
  readonly previous: number;
  /** What a worker there still has. */
  readonly events: readonly KeptEvent[];
  /** Whether that is anything. */
  readonly isBusy: boolean;
  /** That worker's instance; `undefined` if there is none. */
  readonly instance: string | undefined;
}

/**
 * Clients whose events workers have got from the gateways that they came from. Their next
 * ones wait, so that no two handlers of a client run at once; if the old ones are lost,
 * they are told again, marked, and before any newer one.
 */
export class OldEvents {
  readonly #delivery: Delivery;
  readonly #links: SendingLinks;
  readonly #old = new Map<number, Old>();

  /**
   * @param delivery Brings the events to workers here.
   * @param links The links with those.
   */
  constructor(delivery: Delivery, links: SendingLinks) {
    this.#delivery = delivery;
    this.#links = links;
  }

  /** A client has come; returns who has its requests. */
  add(
    client: Client,
    { link, previous, ...rest }: OldOptions,
  ): AskedWorker {
    const worker = asked(link, previous);
    const old = { client, link, worker, onDone: undefined, ...rest };
    this.#old.set(client.connectionId, old);
    return worker;
  }

  /** What another gateway's worker is not done with, of a client. */
  of(
    connectionId: number,
  ): Pick<OldOptions, "events" | "instance"> | undefined {
    const old = this.#old.get(connectionId);
    return old?.isBusy ? old : undefined;
  }

  /**
   * A client goes on to a further gateway.
   *
   * @param done Called when its old events are done, or lost.
   * @returns Whether there are any.
   */
  passOn(connectionId: number, done: (isDone: boolean) => void): boolean {
    const old = this.#old.get(connectionId);
    if (old === undefined) return false;
    if (old.isBusy) old.onDone = done;
    return old.isBusy;
  }

  /** The gateway that a client came from says what has become of its old events. */
  settle(link: WorkerLink, connectionId: number, isDone: boolean): void {
    const old = this.#old.get(connectionId);
    if (old?.link === link && old.isBusy) this.#settle(old, isDone);
  }

  /** A link is gone: who was not done is not believed to be, ever. */
  forget(link: WorkerLink): void {
    for (const [connectionId, old] of this.#old) {
      if (old.link !== link) continue;
      this.#old.delete(connectionId);
      const { isBusy, events, client: { route } } = old;
      if (isBusy) this.#settle(old, false);
      route.requests?.lose(old.worker, isBusy ? events : []);
    }
  }

  /** Whether anything is under way on a link. */
  isNeeded(link: WorkerLink): boolean {
    for (const old of this.#old.values()) if (old.link === link) return true;
    return false;
  }

  /** Forgets those of whom nothing is open. */
  sweep(): void {
    for (const [connectionId, { isBusy, client }] of this.#old) {
      const requests = client.route.requests?.size ?? 0;
      if (!isBusy && requests === 0) this.#old.delete(connectionId);
    }
  }

  #settle(old: Old, isDone: boolean): void {
    old.isBusy = false;
    if (old.onDone !== undefined) return old.onDone(isDone);
    const { route } = old.client;
    if (!isDone) {
      const again = old.events.map((event) => ({
        ...event,
        flags: event.flags | Flag.Redelivered,
        deliveries: event.deliveries + 1,
      }));
      this.#delivery.backlog.adoptAgain(route, again);
    }
    route.flow();
    stayWith(route, this.#links, old.instance);
    this.#delivery.goOn(route);
  }
}

/** The workers of another gateway, as who answers requests that were asked there. */
function asked({ link }: WorkerLink, previous: number): AskedWorker {
  return {
    link: {
      get isOpen() {
        return link.isOpen;
      },
      send: (command, _connectionId, number) =>
        link.send(command, previous, number),
    },
  };
}
