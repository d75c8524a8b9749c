/**
 * Hot: client events on their way to workers. Each is sent at once if it can be;
 * else it waits with its client, whose events stay in order, for what is missing:
 * a worker, room in a window, the old worker's acknowledgement, a handler that takes
 * long. Nothing that was taken is lost: a lost worker's events come back here.
 *
 * @module
 */
import { Pace } from "../../base/pace.ts";
import { roomLogger } from "../../observe/logger.ts";
import { Command } from "../../wire/command.ts";
import { Flag } from "../../wire/frame.ts";
import { closeReason } from "../../transport/close_codes.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { Ledger } from "../clients/ledger.ts";
import type { DeferredClient } from "../workers/deferred_client.ts";
import type { BoundWorker, Route } from "../workers/route.ts";
import type { Router } from "../workers/router.ts";
import {
  giveBack,
  type KeptEvent,
  payloadOf,
  WaitingEvents,
} from "../workers/waiting_events.ts";
import type { ClosingClient, WorkerLink } from "../workers/worker_link.ts";
import { Backlog } from "./backlog.ts";
import type { DeliveryParts } from "./delivery_parts.ts";
import type { DeliveryLimits } from "./delivery_limits.ts";
import { Placing } from "./placing.ts";
import { Suspects } from "./suspects.ts";
import { routesOf } from "./routes_of.ts";
import { mayHave } from "./understanding.ts";
import type { Witnesses } from "./witnesses.ts";

const logger = roomLogger("gateway");

/** How often clients that wait for a worker are looked at, in milliseconds. */
const SWEEP_INTERVAL = 250;

/** Brings client events to workers, in order per client. */
export class Delivery {
  readonly #table: ClientTable;
  readonly #router: Router;
  readonly #ledger: Ledger;
  readonly #witnesses: Witnesses;
  readonly #limits: DeliveryLimits;
  readonly #clientId: (connectionId: number) => string;
  /** Routes that wait for a worker, the longest first. */
  readonly #parked = new Set<Route>();
  readonly #suspects: Suspects;
  readonly #placing: Placing;
  /** When {@linkcode Delivery.sweep} is to be called, and the time that it goes by. */
  readonly pace: Pace = new Pace(SWEEP_INTERVAL);
  /** What is held of events. */
  readonly backlog: Backlog;

  /** Creates the delivery of one gateway. */
  constructor(parts: DeliveryParts) {
    this.#table = parts.table;
    this.#router = parts.router;
    this.#ledger = parts.ledger;
    this.#witnesses = parts.witnesses;
    this.backlog = new Backlog(parts.ledger, parts.limits);
    this.#limits = parts.limits;
    this.#suspects = new Suspects(parts.limits.maxDeliveries);
    this.#clientId = parts.clientId;
    this.#placing = new Placing(parts);
  }

  /** Clients that wait for a worker. */
  get parkedClients(): number {
    return this.#parked.size;
  }

  /** How many clients wait for a label, by that; of the first so many labels. */
  lacks(most: number): Record<string, number> {
    const lacks = new Map<string, number>();
    for (const route of this.#parked) {
      const label = this.#router.lackOf(route);
      if (label === undefined) continue;
      if (lacks.size >= most && !lacks.has(label)) continue;
      lacks.set(label, (lacks.get(label) ?? 0) + 1);
    }
    return Object.fromEntries(lacks);
  }

  /** Hot: takes a message. The bytes are copied. */
  takeMessage(
    route: Route,
    flags: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#ledger.accepted++;
    route.eventNumber++;
    const { link } = route;
    if (
      route.waiting === undefined && link !== undefined &&
      link.hasRoomFor(end - start) && !link.isDraining &&
      route.knownVersion === route.stateVersion &&
      !this.backlog.isCrowded
    ) {
      return link.sendMessage(route, flags, buffer, start, end);
    }
    const kept = payloadOf(buffer, start, end);
    this.#keep(route, Command.Message, flags, kept);
  }

  /** Takes a request, or what other flags say, to wait as a message may. The bytes are copied. */
  takeRequest(
    route: Route,
    buffer: Uint8Array,
    start: number,
    end: number,
    flags: number = Flag.Typed,
  ): void {
    this.#ledger.accepted++;
    route.eventNumber++;
    const kept = payloadOf(buffer, start, end);
    this.#keep(route, Command.Message, flags, kept);
  }

  /** Takes a connect, away, back or close event. */
  takeEvent(route: Route, command: number, payload: Uint8Array): void {
    this.#ledger.accepted++;
    route.eventNumber++;
    if (route.isExpired && !route.isIntroduced) {
      this.#ledger.expired++;
      if (command === Command.Close) this.#drop(route);
      return;
    }
    this.#keep(route, command, 0, { payload: new Uint8Array(payload) });
  }

  /** A worker came: it gets the clients that wait, in the order they began to. */
  onWorker(): void {
    this.#suspects.onLinked(this.#router.links);
    this.#trySuspects();
    for (const route of [...this.#parked]) this.#pump(route);
    this.#placing.adoptIdle();
    if (!this.#router.movesOnWorker) return;
    void this.#placing.findMisplaced((route) => this.#displace(route));
  }

  /** A client has another uid: it may belong to another worker by that. */
  onUid(route: Route): void {
    const { movesOnUid } = this.#router;
    if (movesOnUid && this.#router.isMisplaced(route)) this.#displace(route);
  }

  /** A worker takes nothing new: its idle clients move at once, the others as they get done. */
  onDraining(link: WorkerLink): void {
    this.#placing.vacate(link);
  }

  /** Events were acknowledged: what waited for that goes on. */
  onProgress(link: WorkerLink, done: number, free: readonly Route[]): void {
    this.#ledger.acknowledged += done;
    const { acknowledged } = link.link.log;
    this.#forgetClosed(link, acknowledged);
    this.#trySuspectsOf(link);
    for (const route of free) this.#pump(route);
    if (!link.blocksAny) return;
    for (const route of link.unblocked()) this.#pump(route);
  }

  /** A client's events take long: its next ones wait for them here. */
  onDeferred(
    link: WorkerLink,
    connectionId: number,
    number: number,
  ): Route | undefined {
    const route = this.#table.find(connectionId)?.route;
    if (route?.link !== link || number > route.eventNumber) return undefined;
    if (route.isDone) return undefined;
    route.defer();
    route.waiting ??= new WaitingEvents();
    return route;
  }

  /** Of a client's events that took long, so many more are done. */
  onReleased(link: WorkerLink, deferred: DeferredClient, done: number): void {
    this.#ledger.acknowledged += done;
    if (!deferred.isDone) return;
    const { route, hasClose } = deferred;
    route.flow();
    if (hasClose) this.#forget(route);
    else this.#pump(route);
    this.#trySuspectsOf(link);
  }

  /** A worker is gone: what it did not acknowledge goes to others, before anything newer. */
  onLost(link: WorkerLink): void {
    const isBound = (route: Route) => route.link === link;
    const bound = routesOf(this.#table.everybody(), isBound);
    for (const route of bound) route.unbind();
    this.#suspects.onLost(link, this.#router.has(link));
    const byRoute = new Map<Route, KeptEvent[]>();
    // What was deferred is older than what is still in the log.
    for (const { events } of link.deferred.values()) {
      this.backlog.kept -= events.cost;
      for (const event of events) this.#takeBack(event, link, byRoute);
    }
    for (const event of link.link.log.unacknowledged()) {
      this.#takeBack(event, link, byRoute);
    }
    for (const { route } of this.#table.everybody()) {
      route.requests?.lose(link, byRoute.get(route) ?? []);
    }
    for (const [route, kept] of byRoute) this.#keepAgain(route, kept);
    for (const route of bound) {
      if (route.onLost !== undefined) route.onLost();
      else if (route.waiting !== undefined) this.#pump(route);
    }
    void this.#placing.rebind(bound);
  }

  /** What a client's events waited for is over: see whether they may go. */
  goOn(route: Route): void {
    route.flow();
    this.#pump(route);
  }

  /** Gives up clients that waited too long for a worker, but no end that one must be told. */
  sweep(now: number): void {
    this.#trySuspects();
    for (const route of this.#parked) {
      if (route.client.connection === undefined && route.isIntroduced) continue;
      if (now - (route.waiting?.since ?? now) < this.#limits.parkTimeout) {
        continue;
      }
      this.#expire(route);
    }
  }

  #keep(
    route: Route,
    command: number,
    flags: number,
    kept: Pick<KeptEvent, "payload" | "memory">,
  ): void {
    const { connectionId, eventNumber: number } = route;
    const event = { command, flags, deliveries: 0, connectionId, number };
    this.backlog.push(route, { ...event, ...kept });
    this.#pump(route);
  }

  /** Sends what a client has waiting, as far as nothing stands in the way. */
  #pump(route: Route): void {
    const { waiting } = route;
    if (waiting === undefined) return this.#settle(route);
    while (waiting.first !== undefined) {
      const link = this.#way(route, waiting.first);
      if (link === undefined) return this.#throttle(route, waiting);
      const event = this.backlog.shift(waiting);
      if (!mayHave(link, route, event)) {
        this.#ledger.acknowledged++;
        giveBack(event);
        continue;
      }
      if ((event.flags & Flag.Redelivered) !== 0) this.#ledger.redelivered++;
      link.sendEvent(route, event);
      giveBack(event);
      this.#suspects.onSent(link, route, event.number);
    }
    if (route.state === "deferred") return;
    route.flow();
    route.waiting = undefined;
    route.client.connection?.resume();
    this.#settle(route);
  }

  /** Nothing waits: who said goodbye may go, and who belongs to another worker. */
  #settle(route: Route): void {
    route.dismiss();
    if (route.isMisplaced) this.#placing.move(route);
  }

  /** A client belongs to another worker: it goes there behind all that its own has of it. */
  #displace(route: Route): void {
    route.isMisplaced = true;
    // So that its messages are looked at, and wait.
    route.knownVersion = -1;
    this.#pump(route);
  }

  /** Returns the link that an event may go to now, or notes what it waits for. */
  #way(route: Route, event: KeptEvent): BoundWorker | undefined {
    if (route.state === "deferred") return undefined;
    const link = this.#placing.boundLink(route);
    if (link === undefined) {
      if (route.link === undefined) this.#park(route);
      return undefined;
    }
    if (!this.#suspects.mayGo(link, route, event.number)) return undefined;
    const { length } = event.payload;
    if (!link.hasRoomFor(length)) route.wait("blocked", link.lineFor(length));
    else if (this.backlog.takes(route, event)) return link;
    else route.wait("handover", link.handover);
    return undefined;
  }

  #park(route: Route): void {
    if (route.state === "parked") return;
    route.wait("parked", this.#parked);
    if (route.waiting !== undefined) route.waiting.since = this.pace.time;
    this.#router.tellLack(route);
  }

  /** Stops reading a client whose waiting events are enough, at once if a window is full. */
  #throttle(route: Route, waiting: WaitingEvents): void {
    const full = route.state === "blocked" ||
      waiting.cost >= this.#limits.parkBytes || this.backlog.isFull;
    if (full) route.client.connection?.pause();
  }

  #forgetClosed({ closing, deferred }: WorkerLink, acknowledged: number): void {
    while ((closing.first?.sequence ?? Infinity) <= acknowledged) {
      const { route } = closing.shift() as ClosingClient;
      const { connectionId, eventNumber } = route;
      if (deferred.get(connectionId)?.has(eventNumber)) continue;
      this.#forget(route);
    }
  }

  #forget(route: Route): void {
    route.unbind();
    this.#drop(route);
  }

  #drop(route: Route): void {
    this.#witnesses.dismiss(route);
    this.#table.forget(route.connectionId);
  }

  #takeBack(
    event: KeptEvent,
    link: WorkerLink,
    byRoute: Map<Route, KeptEvent[]>,
  ): void {
    const route = this.#table.find(event.connectionId)?.route;
    if (route === undefined) {
      this.#ledger.expired++;
      return;
    }
    if (!link.isDraining) event.deliveries++;
    const isGuilty = !link.isDraining &&
      this.#suspects.blame(route, event.number, link);
    if (isGuilty) return this.#poison(route, event);
    event.flags |= Flag.Redelivered;
    const kept = byRoute.get(route);
    if (kept === undefined) byRoute.set(route, [event]);
    else kept.push(event);
  }

  #keepAgain(route: Route, events: readonly KeptEvent[]): void {
    if (route.onLost !== undefined) {
      this.#ledger.acknowledged += events.length;
      return;
    }
    this.backlog.prepend(route, events);
    this.#suspects.forget(route, events[0]?.number ?? 0);
  }

  #poison(route: Route, event: KeptEvent): void {
    this.#ledger.poisoned++;
    logger.error(
      "Set aside event {number} of client {client}: {deliveries} workers were lost while they had it",
      {
        number: event.number,
        client: this.#clientId(route.connectionId),
        deliveries: event.deliveries,
      },
    );
    if (event.command === Command.Close) this.#drop(route);
  }

  /** If an event is done that had its last chance, another one gets it. */
  #trySuspectsOf(link: WorkerLink): void {
    if (!this.#suspects.acknowledge(link)) return;
    for (const route of this.#suspects.nextOf(link, "one")) this.#pump(route);
  }

  #trySuspects(): void {
    for (const route of this.#suspects.next()) this.#pump(route);
  }

  #expire(route: Route): void {
    route.flow();
    route.isExpired = true;
    this.backlog.expire(route);
    if (route.client.connection === undefined) return this.#drop(route);
    const reason = closeReason("noWorker", this.#limits.closeCodes);
    route.client.connection.close(reason);
  }
}
