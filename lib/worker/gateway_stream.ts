/**
 * Hot: what comes from one gateway: events into lanes, acknowledgements back.
 *
 * @module
 */
import { NO_BYTES } from "../base/no_bytes.ts";
import { ProtocolError } from "../base/errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { Command } from "../wire/command.ts";
import { endOfHead, Flag, type FrameHeader } from "../wire/frame.ts";
import type { Link } from "../link/link.ts";
import type { LinkOwner } from "../link/link_owner.ts";
import { Barrier, type Mark } from "./barrier.ts";
import type { Notice } from "./deferral.ts";
import {
  type AnyLaneEvent,
  LaneAwayEvent,
  LaneBackEvent,
  LaneCloseEvent,
  LaneConnectEvent,
  LaneMessageEvent,
  LaneSlowEvent,
  LentMessageEvent,
} from "./events/events.ts";
import { Gate } from "./gate.ts";
import { GatewayLanes } from "./gateway_lanes.ts";
import type { Handler } from "./handler/handler.ts";
import type { TracedHandler } from "./handler/traced_handler.ts";
import type { Lane, LaneOwner } from "./lane.ts";
import type { WorkerPresence } from "./presence/worker_presence.ts";
import type { Notices } from "./notices.ts";
import { Numbering } from "./numbering.ts";
import {
  OpenRequests,
  type RequestsOwner,
  type RequestTally,
} from "./events/open_requests.ts";
import { LaneRequestEvent } from "./events/request_event.ts";

/** What the streams of one worker share. */
export interface StreamOwner {
  /** The user's code. */
  readonly handler: Handler;
  /** What the handler is given. */
  readonly cluster: Cluster;
  /** Whether the worker is at its end: nothing begins any more. */
  isOver: boolean;
  /** What is still to leave on all links but this stream's. */
  marksBeside(stream: GatewayStream): readonly Mark[];
  /** Bytes left on this stream's link: acknowledgements that waited for it may go. */
  onWritten(stream: GatewayStream): void;
  /** The worker's part in presence, if it watches anything. */
  presence?: WorkerPresence | undefined;
  /** Counts the requests of all streams. */
  readonly tally: RequestTally;
  /** Follows events that are traced; not there unless the runtime traces. */
  readonly traces?: TracedHandler | undefined;
  /** The gateway tells who may not come in: other gateways are to know, where there are any. */
  onRefusals?(link: Link, body: Uint8Array): void;
  /** What others say to the worker; not there where it has no say. */
  readonly notices?: Notices | undefined;
  /** An event was handled. */
  onHandled(): void;
  /** A handler threw. */
  onThrown(): void;
  /** A handler ran for too long. */
  onTimedOut(): void;
}

/** The worker's end of one link to a gateway. */
export class GatewayStream implements LinkOwner, LaneOwner, RequestsOwner {
  readonly #owner: StreamOwner;
  readonly #numbering: Numbering;
  readonly #barrier: Barrier;
  readonly #gate = new Gate();
  #isDrained = false;
  #link: Link | undefined;
  #isSuspended = false;
  /** The clients of that gateway that this worker knows of. */
  readonly lanes: GatewayLanes;
  /** Requests of its clients that are not answered. */
  readonly requests: OpenRequests = new OpenRequests(this);
  /** Whether its clients are no longer this worker's: others close them if the gateway dies. */
  isGivenUp = false;
  /** Whether the link was lost while this process stood still. */
  endedUnseen = false;
  /** Whether the gateway said that it leaves and has raised all its events. */
  hasLeft = false;

  /**
   * @param gatewayId What the clients' ids begin with.
   * @param window Bytes of events that the gateway keeps unacknowledged.
   * @param owner What all streams share.
   */
  constructor(gatewayId: string, window: number, owner: StreamOwner) {
    this.#owner = owner;
    this.#numbering = new Numbering(window);
    this.#barrier = new Barrier(
      this.#numbering,
      () => owner.marksBeside(this),
    );
    this.lanes = new GatewayLanes(gatewayId, this);
  }

  /**
   * Whether what has not begun here must not begin: the link was lost and the gateway
   * may live, or the worker has ended. Others are told what was not acknowledged.
   */
  get isSuspended(): boolean {
    return this.#isSuspended || this.#owner.isOver;
  }

  /** The user's code. */
  get handler(): Handler {
    return this.#owner.handler;
  }

  /** What the handler is given. */
  get cluster(): Cluster {
    return this.#owner.cluster;
  }

  /** Follows events that are traced. */
  get traces(): TracedHandler | undefined {
    return this.#owner.traces;
  }

  /** Counts the requests of all streams. */
  get tally(): RequestTally {
    return this.#owner.tally;
  }

  /** The link; set once, before any frame. */
  get link(): Link {
    return this.#link as Link;
  }

  set link(link: Link) {
    this.#link = link;
    this.#gate.link = link;
    this.#numbering.begin(link);
  }

  /** Events received and not handled. */
  get unfinished(): number {
    return this.#numbering.unfinished;
  }

  /** Whether nothing new comes, and all that came is handled, acknowledged and answered. */
  get isSettled(): boolean {
    return !this.link.isOpen ||
      this.#isDrained && this.unfinished === 0 && this.#barrier.isSettled &&
        this.requests.isEmpty &&
        this.link.isFlushed && this.link.pending.size === 0;
  }

  /** Tells the gateway to send nothing new; see {@linkcode GatewayStream.isSettled}. */
  drain(): void {
    if (this.link.isOpen) this.link.send(Command.Drain, 0, 0);
  }

  /** Hot: a frame came. Its bytes may be kept, unless they are a message's in memory that is lent. */
  onFrame(
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    switch (header.command) {
      case Command.Message:
      case Command.Connect:
      case Command.Close:
      case Command.Away:
      case Command.Back:
        return this.#onEvent(header, buffer, start, end);
      case Command.Cancel:
        return this.requests.cancel(header.connectionId, header.number);
      case Command.Bind:
        this.#adopt(header, buffer, start, end);
        return;
      case Command.Trace:
        return this.lanes.expectTraced(header, buffer.subarray(start, end));
      case Command.Unbind:
        return this.lanes.unbind(header.connectionId);
      case Command.Witness:
        return this.#onWitness(header, buffer.subarray(start + 4, end));
      case Command.Unwitness:
        return this.lanes.unwitness(header.connectionId);
      case Command.Slow:
        return this.#onSlow(header, buffer, start, end);
      case Command.Refusals:
        return this.#owner.onRefusals?.(this.link, buffer.subarray(start, end));
      case Command.PresenceView:
      case Command.PresenceRows:
        this.#owner.presence?.onFrame(this.link, header, buffer, start, end);
        return;
      case Command.Notice:
        return this.#owner.notices?.take(this.link, header, buffer, start, end);
      case Command.Drained:
        this.#isDrained = true;
        return;
      case Command.GivenUp:
        this.isGivenUp = true;
        return;
      case Command.Leave:
        this.hasLeft = true;
        return;
        // Others are a newer gateway's: nothing that this worker could act on.
    }
  }

  /** The link is gone. */
  onClosed(): void {
    this.#isSuspended = !this.hasLeft;
    this.requests.abandon();
    this.#gate.release();
  }

  /** The gateway is dead: nobody else is told what came from it. */
  resume(): void {
    this.#isSuspended = false;
    for (const lane of [...this.lanes.all()]) lane.resume();
  }

  /** Adds the acknowledgement to a write that is about to start. */
  beforeWrite(): void {
    this.#barrier.pass(this.#say);
  }

  /** Bytes left on this link. */
  onWritten(): void {
    this.#owner.onWritten(this);
    this.#gate.release();
  }

  /** The gateway said how far it has read. */
  onRead(): void {
    this.#owner.onWritten(this);
  }

  /** Hot: whether what a lane sends finds room; if not, it is resumed when it does. */
  mayPass(lane: Lane): boolean {
    return this.#gate.mayPass(lane);
  }

  /** Another link has written: sends the acknowledgement if it waited for that. */
  onOtherWritten(): void {
    if (this.#barrier.isUp) this.link.touch();
  }

  /** An event is done. */
  onDone(lane: Lane, event: AnyLaneEvent, sequence: number): void {
    this.#owner.onHandled();
    if (event.type === "close") this.lanes.close(lane.connectionId);
    if (sequence === 0 || !this.link.isOpen) return;
    this.#numbering.complete(lane, event, sequence);
    this.link.touch();
  }

  /** A handler threw. */
  onThrown(): void {
    this.#owner.onThrown();
  }

  /** A handler ran for too long. */
  onTimedOut(): void {
    this.#owner.onTimedOut();
  }

  /**
   * Sets aside the events that still run and are older than the mark before last. To
   * be called at intervals; a part of the window's bytes counts as an interval too.
   */
  age(): void {
    // A link that it waits for may have come to a standstill, of which nobody tells.
    this.onOtherWritten();
    // What the link holds up takes no longer for being set aside.
    if (this.#gate.isShut) return;
    if (this.#numbering.age()) this.link.touch();
  }

  #onEvent(
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (this.isSuspended) return;
    const { connectionId, flags, command, number, memory } = header;
    if (this.#numbering.isOldAfter(end - start)) this.age();
    if ((flags & Flag.Head) !== 0) {
      start = this.#adopt(header, buffer, start, end);
    }
    if (this.lanes.isTurnedAway(connectionId)) return this.#skip(header);
    const lane = this.lanes.laneOf(connectionId);
    const again = (flags & Flag.Redelivered) !== 0;
    if (command !== Command.Message || (flags & Flag.Typed) !== 0) {
      const event = this.#rare(header, lane, buffer, start, end);
      lane.push(event, this.#numbering.receive(event));
      return;
    }
    const event = memory !== undefined
      ? new LentMessageEvent(
        lane,
        number,
        again,
        memory,
        start,
        end,
        (flags & Flag.Binary) !== 0,
      )
      : new LaneMessageEvent(
        lane,
        number,
        again,
        buffer,
        start,
        end,
        (flags & Flag.Binary) !== 0,
      );
    lane.push(event, this.#numbering.receive(event));
  }

  /** Returns an event that is no message. */
  #rare(
    { command, flags, number, memory }: FrameHeader,
    lane: Lane,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): AnyLaneEvent {
    const again = (flags & Flag.Redelivered) !== 0;
    switch (command) {
      case Command.Connect:
        return new LaneConnectEvent(lane, number, again, buffer, start, end);
      case Command.Away:
        return new LaneAwayEvent(lane, number, again, buffer, start, end);
      case Command.Back:
        return new LaneBackEvent(lane, number, again, buffer, start, end);
      case Command.Close:
        return new LaneCloseEvent(lane, number, again, buffer, start, end);
    }
    // A request may outlast its handler, and memory that is lent.
    if (memory !== undefined) buffer = buffer.slice(start, end);
    const from = memory !== undefined ? 0 : start;
    const request = new LaneRequestEvent(
      lane,
      this.requests,
      number,
      again,
      buffer,
      from,
      from + end - start,
    );
    this.requests.add(request);
    return request;
  }

  #onSlow(
    { connectionId }: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (this.isSuspended) return;
    const lane = this.lanes.find(connectionId);
    lane?.push(new LaneSlowEvent(lane, buffer, start, end), 0);
  }

  /** Takes the client's state out of a frame's head; returns where the payload begins. */
  #adopt(
    { connectionId, flags }: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): number {
    if ((flags & Flag.Head) === 0) {
      throw new ProtocolError("Cannot read client state: the head is missing");
    }
    const at = endOfHead(buffer, start, end);
    const head = buffer.subarray(start + 4, at);
    this.lanes.adopt(this.link, connectionId, head);
    return at;
  }

  /** Passes over an event of a client that was turned away. */
  #skip({ command, connectionId }: FrameHeader): void {
    if (command === Command.Close) this.lanes.readmit(connectionId);
    this.#numbering.skip();
    this.link.touch();
  }

  #onWitness({ connectionId }: FrameHeader, head: Uint8Array): void {
    this.lanes.witness(this.link, connectionId, head);
  }

  readonly #say = ({ command, connectionId, number }: Notice): void => {
    this.link.log.append(command, 0, connectionId, number, NO_BYTES, 0, 0);
  };
}
