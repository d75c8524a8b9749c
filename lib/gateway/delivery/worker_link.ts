import { now } from "../../base/clock.ts";
import { Deque } from "../../base/deque.ts";
import { ProtocolError } from "../../base/errors.ts";
import type { ByteStream } from "../../peer/byte_stream.ts";
import { DEFAULT_GATHER_WITHIN } from "../../wire/gatherer.ts";
import type { Welcome } from "../../link/handshake.ts";
import { Command } from "../../wire/command.ts";
import { FrameHeader, readHeader } from "../../wire/frame.ts";
import { Link, type Peer } from "../../link/link.ts";
import type { LinkOwner } from "../../link/link_owner.ts";
import type { Client, KeptEvent } from "../clients/client.ts";
import { DeferredClient } from "./deferred_client.ts";

/**
 * Bytes of the window that an event takes at least: a worker holds some 300 for one,
 * however short it is. Of 48 bytes and more, their own are what counts.
 */
const LEAST_EVENT = 64;

/** Who is told what happens on the links of workers. */
export interface WorkerLinkOwner {
  /** A command came. The bytes are valid during the call. */
  onCommand(
    link: WorkerLink,
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void;
  /**
   * Events were acknowledged: what waited for that may go on.
   *
   * @param done How many of them are done.
   * @param free Clients that may move to another worker now.
   */
  onProgress(link: WorkerLink, done: number, free: readonly Client[]): void;
  /** What is kept of events that take long counts for so much more, or less. */
  onKept(cost: number): void;
  /** The worker takes nothing new. */
  onDraining(link: WorkerLink): void;
  /** A client's events take long: returns it if there is such a client on the link. */
  onDeferred(
    link: WorkerLink,
    connectionId: number,
    number: number,
  ): Client | undefined;
  /** Of a client's events that take long, so many more are done. */
  onReleased(link: WorkerLink, deferred: DeferredClient, done: number): void;
  /** The link is gone. */
  onClosed(link: WorkerLink, error: Error | undefined): void;
}

/** A client whose last event was sent. */
export interface ClosingClient {
  /** That event's number on the link. */
  readonly sequence: number;
  /** The client. */
  readonly client: Client;
}

/** The gateway's end of a link: a worker's, or an outside program's, which takes no events. */
export class WorkerLink implements LinkOwner {
  readonly #owner: WorkerLinkOwner;
  readonly #window: number;
  readonly #mostEvents: number;
  /** The connection. */
  readonly link: Link;
  /** The 12 hex digits that this gateway's clients' ids begin with. */
  readonly gatewayId: string;
  /** When it came, `now()`. */
  readonly since: number = now();
  /** Clients bound to it. */
  clients = 0;
  /** Whether the worker takes nothing new. */
  isDraining = false;
  /** Clients whose next event waits for room in the window. */
  readonly blocked: Set<Client> = new Set();
  /**
   * Clients that move to another worker, or leave, when this one has acknowledged their
   * events; by connection id.
   */
  readonly handover: Map<number, Client> = new Map();
  /** Clients whose events take long, by connection id. */
  readonly deferred: Map<number, DeferredClient> = new Map();
  /** Close events that are not acknowledged, oldest first. */
  readonly closing: Deque<ClosingClient> = new Deque();
  /** Events acknowledged and kept, since they are not done. */
  #kept = 0;
  /** What a worker calls by its number on the link and takes long. */
  readonly #named = new Map<number, FrameHeader>();
  readonly #header = new FrameHeader();

  /**
   * @param conn A connection on which the handshake is done.
   * @param peer Who is at the other end.
   * @param welcome What it was told.
   * @param owner Who is told.
   * @param gatherWithin Milliseconds that frames may wait for others; 0 for never.
   */
  constructor(
    conn: ByteStream,
    peer: Peer,
    welcome: Welcome,
    owner: WorkerLinkOwner,
    gatherWithin: number = DEFAULT_GATHER_WITHIN,
  ) {
    this.#owner = owner;
    this.#window = welcome.window;
    this.#mostEvents = welcome.window / LEAST_EVENT;
    this.gatewayId = welcome.gatewayId;
    this.link = new Link(conn, peer, this, { keepFrames: false, gatherWithin });
  }

  /** Whether new clients may be bound to it. */
  get takesClients(): boolean {
    return !this.isDraining && this.link.isOpen &&
      this.link.peer.role === "worker";
  }

  /** Whether one more event may be sent. The first one always may. */
  get hasRoom(): boolean {
    const { outstandingBytes, outstanding } = this.link.log;
    if (outstanding === 0) return true;
    return outstandingBytes < this.#window && outstanding < this.#mostEvents;
  }

  /** Events sent and not acknowledged, deferred ones included. */
  get inFlight(): number {
    return this.link.log.outstanding + this.#kept;
  }

  /** Hot: sends a message whose worker knows its client. */
  sendMessage(
    client: Client,
    flags: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const { link } = this;
    link.log.appendMessage(
      Command.Message,
      flags,
      client.connectionId,
      client.eventNumber,
      buffer,
      start,
      end,
    );
    client.lastSent = link.log.lastEvent;
    link.touch();
  }

  /** Sends an event that was kept, with the client's state if the worker lacks it. */
  sendEvent(client: Client, event: KeptEvent): void {
    const { log } = this.link;
    if (client.knownVersion === client.stateVersion) {
      log.appendKept(event);
    } else {
      log.appendHeaded(
        event.command,
        event.flags,
        event.connectionId,
        event.number,
        client.state,
        event.payload,
        event.deliveries,
      );
      client.knownVersion = client.stateVersion;
    }
    client.lastSent = log.lastEvent;
    client.isIntroduced = true;
    if (event.command === Command.Close) {
      this.closing.push({ sequence: log.lastEvent, client });
    }
    this.link.touch();
  }

  /** Tells the worker that the client is its own now. */
  sendBind(client: Client): void {
    this.link.sendHeaded(Command.Bind, client.connectionId, 0, client.state);
    client.knownVersion = client.stateVersion;
    client.isIntroduced = true;
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
  }

  #onAcknowledge(sequence: number): void {
    const { log } = this.link;
    const before = log.acknowledged;
    if (sequence < before || sequence > log.lastEvent) {
      throw new ProtocolError(
        `Cannot acknowledge event ${sequence} as it must be ${before} to ${log.lastEvent}`,
      );
    }
    const free: Client[] = [];
    const kept = this.deferred.size + this.handover.size > 0
      ? this.#keepDeferred(sequence, free)
      : 0;
    this.#kept += kept;
    log.acknowledge(sequence);
    this.#owner.onProgress(this, sequence - before - kept, free);
  }

  /**
   * Looks at what is about to be acknowledged: keeps what is not done, and finds the
   * clients that wait to move. Each event is passed once, and none where nobody waits.
   */
  #keepDeferred(sequence: number, free: Client[]): number {
    let kept = 0;
    let cost = 0;
    const header = this.#header;
    this.link.log.show(sequence, (memory, at) => {
      readHeader(memory.view, at, header);
      const { command, connectionId, number } = header;
      const deferred = this.deferred.get(connectionId);
      if (deferred?.holds(number)) {
        const before = deferred.events.cost;
        deferred.keep(memory, at, command);
        cost += deferred.events.cost - before;
        kept++;
      }
      const client = this.handover.get(connectionId);
      if (client === undefined || client.lastSent > sequence) return;
      this.handover.delete(connectionId);
      free.push(client);
    });
    if (cost > 0) this.#owner.onKept(cost);
    return kept;
  }

  #deferUpTo(connectionId: number, number: number): void {
    const known = this.deferred.get(connectionId);
    if (known !== undefined) return known.extend(number);
    const client = this.#owner.onDeferred(this, connectionId, number);
    if (client === undefined) return;
    this.deferred.set(connectionId, new DeferredClient(client, number));
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
