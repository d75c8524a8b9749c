/**
 * Hot: the way of one client's events to its worker, and what they wait for. It is a
 * state machine of one level: whatever is waited for, when that has come the route is
 * flowing again, and the delivery looks anew. ARCHITECTURE.md has it as a drawing.
 *
 * @module
 */
import type { Deque } from "../../base/deque.ts";
import { Command } from "../../wire/command.ts";
import type { Link } from "../../link/link.ts";
import type { Connection } from "../../transport/connection.ts";
import type { ClientRequests } from "./client_requests.ts";
import type { KeptEvent, WaitingEvents } from "./waiting_events.ts";
import type { Wish } from "./wish.ts";

/**
 * What the next event of a client waits for:
 *
 * - `flowing`: nothing; it leaves when it comes.
 * - `parked`: a worker.
 * - `blocked`: room in its worker's window.
 * - `suspected`: its turn, as the event's last chance: workers died that had it.
 * - `deferred`: a handler that takes long over earlier events, or, if the client was
 *   at another gateway before, any handler there.
 * - `handover`: that its worker has done all it got: the worker leaves, or the client
 *   said goodbye and has answers to come.
 */
export type RouteState =
  | "flowing"
  | "parked"
  | "blocked"
  | "suspected"
  | "deferred"
  | "handover";

/** Routes that wait for the same, the longest first. */
export interface RouteQueue {
  /** Adds one at the end, unless it is there. */
  add(route: Route): void;
  /** Takes one out, if it is there. */
  delete(route: Route): void;
}

/** What a route needs of its client. */
export interface RoutedClient {
  /** What it is read from, as long as it is connected. */
  readonly connection:
    | Pick<Connection, "pause" | "resume" | "close">
    | undefined;
  /** What a worker is told of it. */
  readonly state: Uint8Array;
  /** The uid that it is bound to. */
  readonly uid?: string | undefined;
  /** What its worker is chosen by, as far as it said so. */
  readonly wish?: Wish | undefined;
  /** Where it came from. */
  readonly remoteAddress?: string;
  /** Which listener it came to. */
  readonly listener?: number;
}

/** Somebody wants to know when events up to one are done. */
export interface Checkpoint {
  /** The event's number on the link. */
  readonly sequence: number;
  /** Whose it is. */
  readonly connectionId: number;
  /** Its number among that client's. */
  readonly number: number;
  /** Called once: whether they are done, or it cannot be told. */
  tell(isDone: boolean): void;
}

/** What a route needs of its worker. */
export interface BoundWorker {
  /** The connection. */
  readonly link: Link;
  /** Clients bound to it. */
  clients: number;
  /** Whether the worker takes nothing new. */
  readonly isDraining: boolean;
  /** Whether new clients may be bound to it. */
  readonly takesClients: boolean;
  /** Routes that wait until it has done what it got of them. */
  readonly handover: RouteQueue;
  /** Who wants to know when events are done, in their order. */
  readonly checkpoints: Pick<Deque<Checkpoint>, "push">;
  /** Whether an event of so many bytes may be sent. */
  hasRoomFor(length: number): boolean;
  /** Routes that wait for such room. */
  lineFor(length: number): RouteQueue;
  /** Sends a message whose worker knows its client. */
  sendMessage(
    route: Route,
    flags: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void;
  /** Sends an event that was kept. */
  sendEvent(route: Route, event: KeptEvent): void;
  /** Copies of what it has of a client and is not done with, the oldest first. */
  unfinishedOf(connectionId: number): KeptEvent[];
}

/** One client's way to its worker. Fields are changed by the delivery and the link. */
export class Route {
  /** The client's number on this gateway. */
  readonly connectionId: number;
  /** The client. */
  readonly client: RoutedClient;
  /** The worker that the client is bound to. */
  link: BoundWorker | undefined;
  /** Number, on that link, of its newest event there. */
  lastSent = 0;
  /** Number of its newest event. */
  eventNumber = 0;
  /** Events that cannot be sent yet; `undefined` if there is no reason to wait. */
  waiting: WaitingEvents | undefined;
  /** Counts the changes of the client's session and uid. */
  stateVersion = 0;
  /** The version that the bound worker knows; −1 if it knows none. */
  knownVersion = -1;
  /** A second worker that knows of the client. */
  witness: BoundWorker | undefined;
  /** The version that the witness knows. */
  witnessedVersion = -1;
  /** Whether any worker was ever told of the client. */
  isIntroduced = false;
  /** Whether it belongs to another worker, and goes there once its own has done what it got. */
  isMisplaced = false;
  /** Whether it was parked for too long, and the client is being closed. */
  isExpired = false;
  /** The client's requests that are not answered; `undefined` if it never had any. */
  requests: ClientRequests | undefined;
  /** What its events count for that are on their way, of those sent in a crowd. */
  crowdCost = 0;
  /** Lost workers that had events of it in flight, by the numbers of these events. */
  blamed: Map<number, readonly string[]> | undefined;
  /** Set if its client is another gateway's: its worker is lost with events of it. */
  onLost: (() => void) | undefined;
  #state: RouteState = "flowing";
  #queue: RouteQueue | undefined;
  #onAnswered: (() => void) | undefined;

  /** Creates the route of a client that came. */
  constructor(connectionId: number, client: RoutedClient) {
    this.connectionId = connectionId;
    this.client = client;
  }

  /** What its next event waits for. */
  get state(): RouteState {
    return this.#state;
  }

  /** Whether its worker has done all that it got of it. */
  get isDone(): boolean {
    return this.#state !== "deferred" &&
      (this.link?.link.log.acknowledged ?? Infinity) >= this.lastSent;
  }

  /**
   * Tells when its worker has done all that it got of it so far. That cannot be told
   * while something waits, or takes long, or if the worker is lost.
   *
   * @param tell Called once: whether all is done.
   */
  checkpoint(tell: (isDone: boolean) => void): void {
    const { link } = this;
    if (this.waiting !== undefined || this.isDone) {
      return tell(this.waiting === undefined);
    }
    if (link === undefined || this.#state === "deferred") return tell(false);
    link.checkpoints.push({
      sequence: this.lastSent,
      connectionId: this.connectionId,
      number: this.eventNumber,
      tell,
    });
  }

  /** Waits for what others wait for, and no longer for anything else. */
  wait(
    state: "parked" | "blocked" | "suspected" | "handover",
    queue: RouteQueue,
  ): void {
    if (this.#queue !== queue) this.flow();
    this.#state = state;
    this.#queue = queue;
    queue.add(this);
  }

  /** Waits for a handler that takes long, and no longer for anything else. */
  defer(): void {
    this.flow();
    this.#state = "deferred";
  }

  /** Waits for nothing any more. */
  flow(): void {
    this.#queue?.delete(this);
    this.#queue = undefined;
    this.#state = "flowing";
  }

  /** Its events go to a worker from now on. */
  bind(link: BoundWorker): void {
    this.flow();
    this.link = link;
    this.lastSent = 0;
    this.knownVersion = -1;
    this.isMisplaced = false;
    link.clients++;
  }

  /** Takes it from its worker. */
  unbind(): void {
    if (this.link === undefined) return;
    this.flow();
    this.link.clients--;
    this.link = undefined;
  }

  /** Takes it from a worker that drains, and tells it so. */
  release(): void {
    this.link?.link.send(Command.Unbind, this.connectionId, 0);
    this.unbind();
  }

  /**
   * The client says goodbye, and wants to know when it has the answers to all that it
   * sent.
   *
   * @returns Whether there is anything to answer; nobody answers who is parked.
   */
  seeOff(answered: () => void): boolean {
    if (this.#state === "parked") return false;
    if (this.waiting === undefined && this.isDone) return false;
    this.#onAnswered = answered;
    this.dismiss();
    return true;
  }

  /** Lets a client go that said goodbye, if it has its answers; else it is looked at again. */
  dismiss(): void {
    const { link } = this;
    const answered = this.#onAnswered;
    if (answered === undefined || this.waiting !== undefined) return;
    if (link === undefined) return;
    if (!this.isDone) return this.wait("handover", link.handover);
    this.#onAnswered = undefined;
    answered();
  }

  /** The client has gone, answered or not. */
  end(): void {
    this.#onAnswered = undefined;
    this.requests?.end();
  }
}
