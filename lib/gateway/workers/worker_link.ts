/**
 * Hot: the gateway's end of a link to a worker.
 *
 * @module
 */
import { now } from "../../base/clock.ts";
import { Deque } from "../../base/deque.ts";
import { ProtocolError } from "../../base/errors.ts";
import type { ByteStream } from "../../peer/byte_stream.ts";
import { DEFAULT_GATHER_WITHIN } from "../../wire/gatherer.ts";
import type { Welcome } from "../../link/handshake.ts";
import { Command } from "../../wire/command.ts";
import { FrameHeader, readHeader } from "../../wire/frame.ts";
import { readEvent } from "../../wire/logged_event.ts";
import type { Labels } from "../../wire/bodies/labels.ts";
import { NO_TRAITS } from "../../wire/bodies/traits.ts";
import { Link } from "../../link/link.ts";
import type { LinkedPeer } from "../../link/linked_peer.ts";
import type { LinkOwner } from "../../link/link_owner.ts";
import { DeferredClient } from "./deferred_client.ts";
import { Handover } from "./handover.ts";
import { hashText } from "./rendezvous.ts";
import type { BoundWorker, Checkpoint, Route } from "./route.ts";
import type { KeptEvent } from "./waiting_events.ts";
import type { WorkerLinkOwner } from "./worker_link_owner.ts";

/**
 * Bytes of the window that an event takes at least: a worker holds some 300 for one,
 * however short it is. Of 48 bytes and more, their own are what counts.
 */
const LEAST_EVENT = 64;

/** What a {@linkcode WorkerLink} is made of. */
export interface WorkerLinkOptions {
  /** A connection on which the handshake is done. */
  readonly conn: ByteStream;
  /** Who is at the other end. */
  readonly peer: LinkedPeer;
  /** What it was told. */
  readonly welcome: Welcome;
  /** Who is told. */
  readonly owner: WorkerLinkOwner<WorkerLink>;
  /**
   * Milliseconds that frames may wait for others; 0 for never.
   *
   * @default {DEFAULT_GATHER_WITHIN}
   */
  readonly gatherWithin?: number;
}

/** A client whose last event was sent. */
export interface ClosingClient {
  /** That event's number on the link. */
  readonly sequence: number;
  /** The client's route. */
  readonly route: Route;
}

/** The gateway's end of a link: a worker's, or an outside program's, which takes no events. */
export class WorkerLink implements LinkOwner, BoundWorker {
  readonly #owner: WorkerLinkOwner<WorkerLink>;
  readonly #window: number;
  readonly #mostEvents: number;
  /** An event of more bytes is long. */
  readonly #longest: number;
  /** Number on the link of the long event that is not acknowledged; 0 if there is none. */
  #long = 0;
  /** Bytes of it that the window does not count. */
  #excess = 0;
  /** The connection. */
  readonly link: Link;
  /** The 12 hex digits that this gateway's clients' ids begin with. */
  readonly gatewayId: string;
  /** When it came, `now()`. */
  readonly since: number = now();
  /** The peer's count of its last message to many; 0 if it counts none. */
  stamp = 0;
  /** What the worker is told apart by. */
  readonly labels: Labels;
  /** How many clients it wants, as a multiple of others. */
  readonly weight: number;
  /** Stands for the worker where clients are shared out by a hash. */
  readonly hash: number;
  /** Clients bound to it. */
  clients = 0;
  /** Whether the worker takes nothing new. */
  isDraining = false;
  /** Routes whose next event waits for room in the window. */
  readonly #blocked = new Set<Route>();
  /** Routes whose next event is long, and waits for that and for another long one. */
  readonly #blockedLong = new Set<Route>();
  /** Routes of clients that move to another worker, or leave, when this one is done with them. */
  readonly handover: Handover = new Handover();
  /** Clients whose events take long, by connection id. */
  readonly deferred: Map<number, DeferredClient> = new Map();
  /** Who wants to know when events are done, in their order. */
  readonly checkpoints: Deque<Checkpoint> = new Deque();
  /** Close events that are not acknowledged, oldest first. */
  readonly closing: Deque<ClosingClient> = new Deque();
  /** Events acknowledged and kept, since they are not done. */
  #kept = 0;
  /** What a worker calls by its number on the link and takes long. */
  readonly #named = new Map<number, FrameHeader>();
  readonly #header = new FrameHeader();

  /** The link can be sent on; {@linkcode Link.start} begins to read. */
  constructor(
    { conn, peer, welcome, owner, gatherWithin }: WorkerLinkOptions,
  ) {
    this.#owner = owner;
    this.#window = welcome.window;
    this.#mostEvents = welcome.window / LEAST_EVENT;
    this.#longest = welcome.window / 2;
    this.gatewayId = welcome.gatewayId;
    const { labels, weight } = peer.traits ?? NO_TRAITS;
    this.labels = labels;
    this.weight = weight;
    this.hash = hashText(peer.instance);
    this.link = new Link(conn, peer, this, {
      keepFrames: false,
      gatherWithin: gatherWithin ?? DEFAULT_GATHER_WITHIN,
    });
  }

  /** Whether new clients may be bound to it. */
  get takesClients(): boolean {
    return !this.isDraining && this.link.isOpen &&
      this.link.peer.role === "worker";
  }

  /** Whether one more event may be sent, unless it is long. The first one always may. */
  get hasRoom(): boolean {
    const { outstandingBytes, outstanding } = this.link.log;
    if (outstanding === 0) return true;
    return outstandingBytes - this.#excess < this.#window &&
      outstanding < this.#mostEvents;
  }

  /** Whether a long event may be sent: one at a time, and others pass it meanwhile. */
  get hasRoomForLong(): boolean {
    return this.#long === 0 && this.hasRoom;
  }

  /** Whether an event of so many bytes may be sent. */
  hasRoomFor(length: number): boolean {
    return length > this.#longest ? this.hasRoomForLong : this.hasRoom;
  }

  /** Where routes wait whose next event has so many bytes. */
  lineFor(length: number): Set<Route> {
    return length > this.#longest ? this.#blockedLong : this.#blocked;
  }

  /** Whether any route waits for room. */
  get blocksAny(): boolean {
    return this.#blocked.size + this.#blockedLong.size > 0;
  }

  /** Yields those who have waited for room, as long as there is some. */
  *unblocked(): Generator<Route, void> {
    for (const route of this.#blockedLong) {
      if (!this.hasRoomForLong) break;
      route.flow();
      yield route;
    }
    for (const route of this.#blocked) {
      if (!this.hasRoom) return;
      route.flow();
      yield route;
    }
  }

  /** Events sent and not acknowledged, deferred ones included. */
  get inFlight(): number {
    return this.link.log.outstanding + this.#kept;
  }

  /** Copies of what it has of a client and is not done with, the oldest first. */
  unfinishedOf(connectionId: number): KeptEvent[] {
    const events = [...this.deferred.get(connectionId)?.events ?? []];
    const { log } = this.link;
    log.show(log.lastEvent, (memory, at) => {
      readHeader(memory.view, at, this.#header);
      if (this.#header.connectionId === connectionId) {
        events.push(readEvent(memory, at));
      }
    });
    return events;
  }

  /** Hot: sends a message whose worker knows its client. */
  sendMessage(
    route: Route,
    flags: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const { link } = this;
    link.log.appendMessage(
      Command.Message,
      flags,
      route.connectionId,
      route.eventNumber,
      buffer,
      start,
      end,
    );
    route.lastSent = link.log.lastEvent;
    if (end - start > this.#longest) this.#noteLong(end - start);
    link.touch();
  }

  /** Sends an event that was kept, with the client's state if the worker lacks it. */
  sendEvent(route: Route, event: KeptEvent): void {
    this.#owner.beforeEvent?.(this, event);
    const { log } = this.link;
    if (route.knownVersion === route.stateVersion) {
      log.appendKept(event);
    } else {
      log.appendHeaded(
        event.command,
        event.flags,
        event.connectionId,
        event.number,
        route.client.state,
        event.payload,
        event.deliveries,
      );
      route.knownVersion = route.stateVersion;
    }
    route.lastSent = log.lastEvent;
    route.isIntroduced = true;
    const { length } = event.payload;
    if (length > this.#longest) this.#noteLong(length);
    if (event.command === Command.Close) {
      this.closing.push({ sequence: log.lastEvent, route });
    }
    this.link.touch();
  }

  /** Tells the worker that the client is its own now. */
  sendBind(route: Route): void {
    this.link.sendHeaded(
      Command.Bind,
      route.connectionId,
      0,
      route.client.state,
    );
    route.knownVersion = route.isMisplaced ? -1 : route.stateVersion;
    route.isIntroduced = true;
  }

  /** A frame came. */
  onFrame(
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    switch (header.command) {
      case Command.Acknowledge:
        return this.#onAcknowledge(sequenceOf(header));
      case Command.Defer:
        return this.#onDefer(sequenceOf(header));
      case Command.Release:
        return this.#onRelease(sequenceOf(header));
      case Command.DeferUpTo:
        return this.#deferUpTo(header.connectionId, header.number);
      case Command.ReleaseUpTo:
        return this.#releaseUpTo(header.connectionId, header.number);
      case Command.Drain:
        return this.#onDrain();
      default:
        return this.#owner.onCommand(this, header, buffer, start, end);
    }
  }

  /** A worker that only stood still is to know whose its clients are by now. */
  beforeGivingUp(): void {
    if (this.link.peer.role !== "worker") return;
    this.link.send(Command.GivenUp, 0, 0);
  }

  /** The connection is gone. */
  onClosed(error: Error | undefined): void {
    this.#owner.onClosed(this, error);
    for (const { tell } of this.checkpoints) tell(false);
    this.checkpoints.clear();
  }

  /** The last event is long: of the window it takes half, so that others have room. */
  #noteLong(length: number): void {
    this.#long = this.link.log.lastEvent;
    this.#excess = length - this.#longest;
  }

  #onAcknowledge(sequence: number): void {
    const { log } = this.link;
    const before = log.acknowledged;
    if (sequence < before || sequence > log.lastEvent) {
      throw new ProtocolError(
        `Cannot acknowledge event ${sequence} as it must be ${before} to ${log.lastEvent}`,
      );
    }
    const free: Route[] = [];
    const kept = this.deferred.size + this.handover.size > 0
      ? this.#keepDeferred(sequence, free)
      : 0;
    this.#kept += kept;
    log.acknowledge(sequence);
    if (sequence >= this.#long) this.#long = this.#excess = 0;
    this.#owner.onProgress(this, sequence - before - kept, free);
    if (this.checkpoints.length > 0) this.#pass(sequence);
  }

  /** Tells those who wanted to know of what is acknowledged now. */
  #pass(sequence: number): void {
    const { checkpoints } = this;
    while ((checkpoints.first?.sequence ?? Infinity) <= sequence) {
      const { connectionId, number, tell } = checkpoints.shift() as Checkpoint;
      tell(!this.deferred.get(connectionId)?.has(number));
    }
  }

  /**
   * Looks at what is about to be acknowledged: keeps what is not done, and finds the
   * clients that wait to move. Each event is passed once, and none where nobody waits.
   */
  #keepDeferred(sequence: number, free: Route[]): number {
    let kept = 0;
    let cost = 0;
    const header = this.#header;
    this.link.log.show(sequence, (memory, at) => {
      readHeader(memory.view, at, header);
      const { command, connectionId, number } = header;
      const deferred = this.deferred.get(connectionId);
      if (deferred?.has(number)) {
        const before = deferred.events.cost;
        deferred.keep(memory, at, command);
        cost += deferred.events.cost - before;
        kept++;
      }
      const route = this.handover.get(connectionId);
      if (route === undefined || route.lastSent > sequence) return;
      route.flow();
      free.push(route);
    });
    if (cost > 0) this.#owner.onKept(cost);
    return kept;
  }

  #deferUpTo(connectionId: number, number: number): void {
    const known = this.deferred.get(connectionId);
    if (known !== undefined) return known.extend(number);
    const route = this.#owner.onDeferred(this, connectionId, number);
    if (route === undefined) return;
    this.deferred.set(connectionId, new DeferredClient(route, number));
  }

  #releaseUpTo(connectionId: number, number: number): void {
    const deferred = this.deferred.get(connectionId);
    if (deferred === undefined) return;
    const before = deferred.events.cost;
    const done = deferred.release(number);
    this.#kept -= done;
    if (done > 0) this.#owner.onKept(deferred.events.cost - before);
    if (deferred.isDone) this.deferred.delete(connectionId);
    this.#owner.onReleased(this, deferred, done);
  }

  #onDefer(sequence: number): void {
    const event = this.link.log.headerOf(sequence);
    if (event === undefined) return;
    const { connectionId, number } = event;
    this.#deferUpTo(connectionId, number);
    if (this.deferred.has(connectionId)) this.#named.set(sequence, event);
  }

  #onRelease(sequence: number): void {
    const event = this.#named.get(sequence);
    if (event === undefined) return;
    this.#named.delete(sequence);
    this.#releaseUpTo(event.connectionId, event.number);
  }

  #onDrain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    this.#owner.onDraining(this);
    this.link.send(Command.Drained, 0, 0);
  }
}

/** Event numbers on a link pass 2^32: the connection id holds the upper half. */
function sequenceOf({ connectionId, number }: FrameHeader): number {
  return connectionId * 0x1_0000_0000 + number;
}
