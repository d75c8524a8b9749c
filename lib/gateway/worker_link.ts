import { now } from "../base/clock.ts";
import { ProtocolError } from "../base/errors.ts";
import type { ByteStream } from "../link/byte_stream.ts";
import { DEFAULT_GATHER_WITHIN } from "../link/gatherer.ts";
import type { Welcome } from "../link/handshake.ts";
import { Command } from "../link/command.ts";
import type { FrameHeader } from "../link/frame.ts";
import type { LoggedEvent } from "../link/frame_log.ts";
import { Link, type Peer } from "../link/link.ts";
import type { LinkOwner } from "../link/link_owner.ts";
import type { Client, KeptEvent } from "./client.ts";

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
  /** Events were acknowledged or released: what waited for that may go on. */
  onProgress(link: WorkerLink, acknowledged: number): void;
  /** The worker takes nothing new. */
  onDraining(link: WorkerLink): void;
  /** The event takes long; it no longer counts in the window. */
  onDeferred(link: WorkerLink, event: LoggedEvent): Client | undefined;
  /** A deferred event is done. */
  onReleased(link: WorkerLink, deferred: DeferredEvent): void;
  /** The link is gone. */
  onClosed(link: WorkerLink, error: Error | undefined): void;
}

/** An event whose handler takes long. */
export interface DeferredEvent {
  /** Whose it is. */
  readonly client: Client;
  /** The event, for redelivery. */
  readonly event: LoggedEvent;
}

/** The gateway's end of a link: a worker's, or an outside program's, which takes no events. */
export class WorkerLink implements LinkOwner {
  readonly #owner: WorkerLinkOwner;
  readonly #window: number;
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
  /** Clients that move to another worker when this one has acknowledged their events. */
  readonly handover: Set<Client> = new Set();
  /** Events whose handlers take long, by their number on the link. */
  readonly deferred: Map<number, DeferredEvent> = new Map();
  /** Close events that are not acknowledged, oldest first. */
  readonly closing: { readonly sequence: number; readonly client: Client }[] =
    [];

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
    const { log } = this.link;
    return log.outstandingBytes < this.#window || log.outstanding === 0;
  }

  /** Events sent and not acknowledged, deferred ones included. */
  get inFlight(): number {
    const { log } = this.link;
    let count = log.outstanding;
    for (const sequence of this.deferred.keys()) {
      if (sequence <= log.acknowledged) count++;
    }
    return count;
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
      log.appendKept({ ...event, sequence: 0 });
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
    log.acknowledge(sequence);
    let count = sequence - before;
    for (const each of this.deferred.keys()) {
      if (each > before && each <= sequence) count--;
    }
    this.#owner.onProgress(this, count);
  }

  #onDefer(sequence: number): void {
    if (this.deferred.has(sequence)) return;
    const event = this.link.log.find(sequence);
    if (event === undefined) return;
    const client = this.#owner.onDeferred(this, event);
    if (client !== undefined) this.deferred.set(sequence, { client, event });
  }

  #onRelease(sequence: number): void {
    const deferred = this.deferred.get(sequence);
    if (deferred === undefined) return;
    this.deferred.delete(sequence);
    this.#owner.onReleased(this, deferred);
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
