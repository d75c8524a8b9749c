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
import { CLOSE_NO_WORKER } from "../../transport/connection.ts";
import {
  type Client,
  costOf,
  type KeptEvent,
  WaitingEvents,
} from "../clients/client.ts";
import { Backlog } from "./backlog.ts";
import {
  dismiss,
  isDone,
  release,
  seeOff,
  unbind,
  unbindAll,
} from "./binding.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { DeferredClient } from "./deferred_client.ts";
import type { DeliveryLimits } from "./delivery_limits.ts";
import type { Ledger } from "../clients/ledger.ts";
import type { Router } from "./router.ts";
import { Suspects } from "./suspects.ts";
import type { ClosingClient, WorkerLink } from "./worker_link.ts";

const logger = roomLogger("gateway");

/** How often clients that wait for a worker are looked at, in milliseconds. */
const SWEEP_INTERVAL = 250;

/** Clients that are bound anew before others get a turn. */
const REBIND_SLICE = 1_000;

/** Brings client events to workers, in order per client. */
export class Delivery {
  readonly #table: ClientTable;
  readonly #router: Router;
  readonly #ledger: Ledger;
  readonly #limits: DeliveryLimits;
  readonly #clientId: (client: Client) => string;
  /** Clients that wait for a worker, the longest first. */
  readonly #parked = new Set<Client>();
  readonly #suspects: Suspects;
  /** When {@linkcode Delivery.sweep} is to be called, and the time that it goes by. */
  readonly pace: Pace = new Pace(SWEEP_INTERVAL);
  /** What is held of events. */
  readonly backlog: Backlog;

  /** Creates the delivery of one gateway. */
  constructor(
    table: ClientTable,
    router: Router,
    ledger: Ledger,
    limits: DeliveryLimits,
    clientId: (client: Client) => string,
  ) {
    this.#table = table;
    this.#router = router;
    this.#ledger = ledger;
    this.#suspects = new Suspects(limits.maxDeliveries);
    this.#limits = limits;
    this.backlog = new Backlog(limits);
    this.#clientId = clientId;
  }

  /** Clients that wait for a worker. */
  get parkedClients(): number {
    return this.#parked.size;
  }

  /** Hot: takes a message. The bytes are copied. */
  takeMessage(
    client: Client,
    flags: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#ledger.accepted++;
    client.eventNumber++;
    const { link } = client;
    if (
      client.waiting === undefined && link !== undefined && link.hasRoom &&
      !link.isDraining && client.knownVersion === client.stateVersion &&
      !this.backlog.isCrowded
    ) {
      return link.sendMessage(client, flags, buffer, start, end);
    }
    this.#hold(client, Command.Message, flags, buffer.slice(start, end));
  }

  /** Takes a connect or close event. */
  takeEvent(client: Client, command: number, payload: Uint8Array): void {
    this.#ledger.accepted++;
    client.eventNumber++;
    if (client.isExpired && !client.isIntroduced) {
      this.#ledger.expired++;
      return this.#table.forget(client);
    }
    this.#hold(client, command, 0, new Uint8Array(payload));
  }

  /** A client said goodbye: it may have answers to come if there is a worker. */
  seeOff(client: Client, answered: () => void): boolean {
    return !this.#parked.has(client) && seeOff(client, answered);
  }

  /** A worker came: it gets the clients that wait, in the order they began to. */
  onWorker(): void {
    this.#suspects.onLinked(this.#router.links);
    this.#trySuspects();
    for (const client of [...this.#parked]) this.#pump(client);
    const idle = [...this.#table.everybody()].filter((client) =>
      client.link === undefined && client.waiting === undefined
    );
    void this.#rebind(idle);
  }

  /** A worker takes nothing new: its idle clients move at once, the others as they get done. */
  onDraining(link: WorkerLink): void {
    if (this.#router.choose() === undefined) return;
    const idle = [...this.#table.all()].filter((client) =>
      client.link === link && client.waiting === undefined &&
      isDone(client, link)
    );
    for (const client of idle) release(client, link);
    void this.#rebind(idle);
  }

  /** Events were acknowledged: what waited for that goes on. */
  onProgress(link: WorkerLink, done: number, free: readonly Client[]): void {
    this.#ledger.acknowledged += done;
    const { acknowledged } = link.link.log;
    this.#forgetClosed(link, acknowledged);
    this.#trySuspectsOf(link);
    for (const client of free) this.#pump(client);
    if (link.blocked.size > 0) this.#unblock(link);
  }

  /** A client's events take long: its next ones wait for them here. */
  onDeferred(
    link: WorkerLink,
    connectionId: number,
    number: number,
  ): Client | undefined {
    const client = this.#table.find(connectionId);
    if (client?.link !== link || number > client.eventNumber) return undefined;
    if (isDone(client, link)) return undefined;
    client.isDeferred = true;
    client.waiting ??= new WaitingEvents();
    return client;
  }

  /** Of a client's events that took long, so many more are done. */
  onReleased(link: WorkerLink, deferred: DeferredClient, done: number): void {
    this.#ledger.acknowledged += done;
    if (!deferred.isDone) return;
    const { client, hasClose } = deferred;
    client.isDeferred = false;
    if (hasClose) this.#forget(client);
    else this.#pump(client);
    this.#trySuspectsOf(link);
  }

  /** A worker is gone: what it did not acknowledge goes to others, before anything newer. */
  onLost(link: WorkerLink): void {
    const bound = unbindAll(this.#table.everybody(), link);
    this.#suspects.onLost(link, this.#router.has(link));
    const byClient = new Map<Client, KeptEvent[]>();
    // What was deferred is older than what is still in the log.
    for (const { events } of link.deferred.values()) {
      this.backlog.kept -= events.cost;
      for (const event of events) this.#takeBack(event, link, byClient);
    }
    for (const event of link.link.log.unacknowledged()) {
      this.#takeBack(event, link, byClient);
    }
    for (const [client, kept] of byClient) this.#keepAgain(client, kept);
    for (const client of bound) {
      if (client.waiting !== undefined) this.#pump(client);
    }
    void this.#rebind(bound);
  }

  /** Gives up clients that waited too long for a worker, but no end that one must be told. */
  sweep(now: number): void {
    this.#trySuspects();
    for (const client of this.#parked) {
      if (client.connection === undefined && client.isIntroduced) continue;
      if (now - (client.waiting?.since ?? now) < this.#limits.parkTimeout) {
        continue;
      }
      this.#expire(client);
    }
  }

  #hold(
    client: Client,
    command: number,
    flags: number,
    payload: Uint8Array<ArrayBuffer>,
  ): void {
    const { connectionId, eventNumber: number } = client;
    client.waiting ??= new WaitingEvents();
    const event = { command, flags, deliveries: 0, connectionId, number };
    const kept: KeptEvent = { ...event, payload };
    client.waiting.push(kept);
    this.#ledger.parked++;
    this.backlog.waiting += costOf(kept);
    this.#pump(client);
  }

  /** Sends what a client has waiting, as far as nothing stands in the way. */
  #pump(client: Client): void {
    const { waiting } = client;
    if (waiting === undefined) return dismiss(client);
    while (waiting.first !== undefined) {
      const link = this.#way(client, waiting.first);
      if (link === undefined) return this.#throttle(client, waiting);
      const event = waiting.shift() as KeptEvent;
      this.#ledger.parked--;
      this.backlog.waiting -= costOf(event);
      if ((event.flags & Flag.Redelivered) !== 0) this.#ledger.redelivered++;
      link.sendEvent(client, event);
      this.#suspects.onSent(link, client, event.number);
    }
    if (client.isDeferred) return;
    client.waiting = undefined;
    client.connection?.resume();
    dismiss(client);
  }

  /** Returns the link that an event may go to now, or notes what it waits for. */
  #way(client: Client, event: KeptEvent): WorkerLink | undefined {
    if (client.isDeferred) return undefined;
    const link = this.#boundLink(client);
    if (link === undefined) return undefined;
    if (!this.#suspects.mayGo(link, client, event.number)) return undefined;
    if (!link.hasRoom) link.blocked.add(client);
    else if (this.backlog.takes(client, event, isDone(client, link))) {
      return link;
    } else link.handover.set(client.connectionId, client);
    return undefined;
  }

  /** Returns the link of a client's worker, and binds it to one if it has none. */
  #boundLink(client: Client): WorkerLink | undefined {
    const { link } = client;
    if (link !== undefined && !link.isDraining) return link;
    if (link !== undefined) {
      if (!isDone(client, link)) {
        link.handover.set(client.connectionId, client);
        return undefined;
      }
      release(client, link);
    }
    const next = this.#router.choose();
    if (next === undefined) {
      this.#park(client);
      return undefined;
    }
    this.#bind(client, next);
    return next;
  }

  #bind(client: Client, link: WorkerLink): void {
    this.#parked.delete(client);
    this.#table.onDismissed(client);
    client.link = link;
    client.lastSent = 0;
    client.knownVersion = -1;
    link.clients++;
  }

  #park(client: Client): void {
    if (this.#parked.has(client)) return;
    this.#parked.add(client);
    if (client.waiting !== undefined) client.waiting.since = this.pace.time;
  }

  /** Stops reading a client whose waiting events are enough, at once if a window is full. */
  #throttle(client: Client, waiting: WaitingEvents): void {
    const full = client.link?.blocked.has(client) === true ||
      waiting.cost >= this.#limits.parkBytes || this.backlog.isFull;
    if (full) client.connection?.pause();
  }

  #unblock(link: WorkerLink): void {
    for (const client of link.blocked) {
      if (!link.hasRoom) return;
      link.blocked.delete(client);
      this.#pump(client);
    }
  }

  #forgetClosed({ closing, deferred }: WorkerLink, acknowledged: number): void {
    while ((closing.first?.sequence ?? Infinity) <= acknowledged) {
      const { client } = closing.shift() as ClosingClient;
      const { connectionId, eventNumber } = client;
      if (deferred.get(connectionId)?.holds(eventNumber)) continue;
      this.#forget(client);
    }
  }

  #forget(client: Client): void {
    unbind(client);
    this.#table.forget(client);
  }

  #takeBack(
    event: KeptEvent,
    link: WorkerLink,
    byClient: Map<Client, KeptEvent[]>,
  ): void {
    const client = this.#table.find(event.connectionId);
    if (client === undefined) {
      this.#ledger.expired++;
      return;
    }
    if (!link.isDraining) event.deliveries++;
    const isGuilty = !link.isDraining &&
      this.#suspects.blame(client, event.number, link);
    if (isGuilty) return this.#poison(client, event);
    event.flags |= Flag.Redelivered;
    const kept = byClient.get(client);
    if (kept === undefined) byClient.set(client, [event]);
    else kept.push(event);
  }

  #keepAgain(client: Client, events: readonly KeptEvent[]): void {
    client.waiting ??= new WaitingEvents();
    client.waiting.prepend(events);
    this.#suspects.forget(client, events[0]?.number ?? 0);
    this.#ledger.parked += events.length;
    for (const event of events) this.backlog.waiting += costOf(event);
  }

  #poison(client: Client, event: KeptEvent): void {
    this.#ledger.poisoned++;
    logger.error(
      "Set aside event {number} of client {client}: {deliveries} workers were lost while they had it",
      {
        number: event.number,
        client: this.#clientId(client),
        deliveries: event.deliveries,
      },
    );
    if (event.command === Command.Close) this.#table.forget(client);
  }

  /** If an event is done that had its last chance, another one gets it. */
  #trySuspectsOf(link: WorkerLink): void {
    if (!this.#suspects.acknowledge(link)) return;
    for (const client of this.#suspects.nextOf(link, "one")) this.#pump(client);
  }

  #trySuspects(): void {
    for (const client of this.#suspects.next()) this.#pump(client);
  }

  #expire(client: Client): void {
    this.#parked.delete(client);
    const { waiting } = client;
    client.waiting = undefined;
    client.isExpired = true;
    this.#ledger.expired += waiting?.length ?? 0;
    this.#ledger.parked -= waiting?.length ?? 0;
    this.backlog.waiting -= waiting?.cost ?? 0;
    if (client.connection === undefined) this.#table.forget(client);
    else client.connection.close(CLOSE_NO_WORKER);
  }

  /** Binds idle clients to workers, so that each is known to one that would miss it. */
  async #rebind(clients: readonly Client[]): Promise<void> {
    for (const [index, client] of clients.entries()) {
      if (index % REBIND_SLICE === REBIND_SLICE - 1) {
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      if (client.link !== undefined || client.waiting !== undefined) continue;
      if (client.connection === undefined) continue;
      const link = this.#router.choose();
      if (link === undefined) return;
      this.#bind(client, link);
      link.sendBind(client);
    }
  }
}
