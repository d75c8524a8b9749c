/**
 * Hot: what comes from one gateway: events into lanes, acknowledgements back.
 *
 * @module
 */
import { ProtocolError } from "../base/errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { Acknowledger, type NumberedEvent } from "../wire/acknowledger.ts";
import { formatClientId } from "../wire/bodies/client_id.ts";
import { decodeClientState } from "../wire/bodies/client_state.ts";
import { Command } from "../wire/command.ts";
import { endOfHead, Flag, type FrameHeader } from "../wire/frame.ts";
import type { Link } from "../link/link.ts";
import type { LinkOwner } from "../link/link_owner.ts";
import { type Deferral, deferralOn, named, type Notice } from "./deferral.ts";
import {
  type AnyLaneEvent,
  LaneCloseEvent,
  LaneConnectEvent,
  LaneMessageEvent,
  LaneSlowEvent,
} from "./events.ts";
import type { Handler } from "./handler.ts";
import { Lane, type LaneOwner } from "./lane.ts";
import { decodeWitnessed, type Witnessed } from "./testament.ts";
import { TurnedAway } from "./turned_away.ts";

/** Part of the window after which an event that still runs counts as old. */
const OLD_PART = 8;

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
  /** An event was handled. */
  onHandled(): void;
  /** A handler threw. */
  onThrown(): void;
  /** A handler ran for too long. */
  onTimedOut(): void;
}

/** How far a link must have written before something may be acknowledged. */
export interface Mark {
  /** The link. */
  readonly link: Link;
  /** Bytes appended to it by then. */
  readonly bytes: number;
}

/** Acknowledgements that wait until what their handlers sent has left on every link. */
interface Barrier {
  readonly done: number;
  readonly released: readonly Notice[];
  readonly marks: readonly Mark[];
}

/** The worker's end of one link to a gateway. */
export class GatewayStream implements LinkOwner, LaneOwner {
  readonly #owner: StreamOwner;
  readonly #oldBytes: number;
  readonly #tracker = new Acknowledger<AnyLaneEvent>();
  readonly #turnedAway = new TurnedAway();
  #isDrained = false;
  #link: Link | undefined;
  #isSuspended = false;
  #acknowledged = 0;
  #barrier: Barrier | undefined;
  #deferral: Deferral | undefined;
  #bytesSinceMark = 0;
  #olderMark = 0;
  #newerMark = 0;
  /** The 12 hex digits that its clients' ids begin with. */
  readonly gatewayId: string;
  /** The clients of this worker on that gateway, by connection id. */
  readonly lanes: Map<number, Lane> = new Map();
  /** Clients of other workers on that gateway, which may be left to this one. */
  readonly witnessed: Map<number, Witnessed> = new Map();
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
    this.gatewayId = gatewayId;
    this.#oldBytes = Math.max(1, window / OLD_PART);
    this.#owner = owner;
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

  /** The link; set once, before any frame. */
  get link(): Link {
    return this.#link as Link;
  }

  set link(link: Link) {
    this.#link = link;
    this.#deferral = deferralOn(link);
  }

  /** Events received and not handled. */
  get unfinished(): number {
    return this.#tracker.unfinished;
  }

  /** Whether nothing new comes, and all that came is handled, acknowledged and answered. */
  get isSettled(): boolean {
    return !this.link.isOpen ||
      this.#isDrained && this.unfinished === 0 &&
        this.#acknowledged === this.#tracker.done &&
        this.#barrier === undefined && this.#deferral?.isEmpty === true &&
        this.link.isFlushed && this.link.pending.size === 0;
  }

  /** Tells the gateway to send nothing new; see {@linkcode GatewayStream.isSettled}. */
  drain(): void {
    if (this.link.isOpen) this.link.send(Command.Drain, 0, 0);
  }

  /** Hot: a frame came. Its bytes may be kept. */
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
        return this.#onEvent(header, buffer, start, end);
      case Command.Bind:
        this.#adopt(header, buffer, start, end);
        return;
      case Command.Unbind:
        this.lanes.delete(header.connectionId);
        return this.#turnedAway.delete(header.connectionId);
      case Command.Witness:
        return this.#onWitness(header, buffer.subarray(start + 4, end));
      case Command.Unwitness:
        this.witnessed.delete(header.connectionId);
        return;
      case Command.Slow:
        return this.#onSlow(header, buffer, start, end);
      case Command.Drained:
        this.#isDrained = true;
        return;
      case Command.GivenUp:
        this.isGivenUp = true;
        return;
      case Command.Leave:
        this.hasLeft = true;
        return;
      default:
        // A newer gateway's notice: nothing that this worker could act on.
    }
  }

  /** The link is gone. */
  onClosed(): void {
    this.#isSuspended = !this.hasLeft;
  }

  /** The gateway is dead: nobody else is told what came from it. */
  resume(): void {
    this.#isSuspended = false;
    for (const lane of [...this.lanes.values()]) lane.resume();
  }

  /** Adds the acknowledgement to a write that is about to start. */
  beforeWrite(): void {
    this.#barrier ??= this.#newBarrier();
    const barrier = this.#barrier;
    if (barrier === undefined) return;
    for (const mark of barrier.marks) if (holds(mark)) return;
    this.#barrier = undefined;
    for (const notice of barrier.released) this.#say(notice);
    if (barrier.done === this.#acknowledged) return;
    this.#acknowledged = barrier.done;
    this.#say(named(Command.Acknowledge, barrier.done));
  }

  /** Bytes left on this link. */
  onWritten(): void {
    this.#owner.onWritten(this);
  }

  /** Another link has written: sends the acknowledgement if it waited for that. */
  onOtherWritten(): void {
    if (this.#barrier !== undefined) this.link.touch();
  }

  /** An event is done. */
  onDone(lane: Lane, event: AnyLaneEvent, sequence: number): void {
    this.#owner.onHandled();
    if (event.type === "close") this.lanes.delete(lane.connectionId);
    if (sequence === 0 || !this.link.isOpen) return;
    this.#tracker.complete(sequence);
    this.#deferral?.onDone(lane, event, sequence);
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
    this.#bytesSinceMark = 0;
    if (this.#tracker.done < this.#olderMark) {
      this.#defer(this.#tracker.setAside(this.#olderMark));
      this.link.touch();
    }
    this.#olderMark = this.#newerMark;
    this.#newerMark = this.#tracker.received;
  }

  #onEvent(
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (this.isSuspended) return;
    const { connectionId, flags, command, number } = header;
    this.#bytesSinceMark += end - start;
    if (this.#bytesSinceMark > this.#oldBytes) this.age();
    if ((flags & Flag.Head) !== 0) {
      start = this.#adopt(header, buffer, start, end);
    }
    if (this.#turnedAway.has(connectionId)) return this.#skip(header);
    const lane = this.#lane(connectionId);
    const again = (flags & Flag.Redelivered) !== 0;
    const event = command === Command.Message
      ? new LaneMessageEvent(
        lane,
        number,
        again,
        buffer,
        start,
        end,
        (flags & Flag.Binary) !== 0,
      )
      : command === Command.Connect
      ? new LaneConnectEvent(lane, number, again, buffer, start, end)
      : new LaneCloseEvent(lane, number, again, buffer, start, end);
    lane.push(event, this.#tracker.receive(event));
  }

  /** Lets events wait that take long: each with its client, and with no bytes but its own. */
  #defer(overdue: readonly NumberedEvent<AnyLaneEvent>[]): void {
    for (const [lane, events] of Map.groupBy(overdue, laneOf)) {
      moveBytes(events);
      this.#deferral?.defer(lane, events);
    }
  }

  #onSlow(
    { connectionId }: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (this.isSuspended) return;
    const lane = this.lanes.get(connectionId);
    lane?.push(new LaneSlowEvent(lane, buffer, start, end), 0);
  }

  /** Makes the clients of a worker that is gone this one's own; returns their lanes. */
  inherit(worker: string): Lane[] {
    const lanes: Lane[] = [];
    for (const [connectionId, { worker: bound, state }] of this.witnessed) {
      if (bound !== worker) continue;
      this.witnessed.delete(connectionId);
      const lane = this.#lane(connectionId);
      lane.adopt(state);
      lanes.push(lane);
    }
    return lanes;
  }

  #lane(connectionId: number): Lane {
    let lane = this.lanes.get(connectionId);
    if (lane === undefined) {
      const clientId = formatClientId(this.gatewayId, connectionId);
      lane = new Lane(connectionId, clientId, this);
      this.lanes.set(connectionId, lane);
    }
    return lane;
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
    const decode = () => decodeClientState(head);
    const state = this.#turnedAway.read(this.link, connectionId, decode);
    if (state !== undefined && !this.#turnedAway.has(connectionId)) {
      this.#lane(connectionId).adopt(state);
    } else if (!this.lanes.has(connectionId)) {
      this.#turnedAway.add(connectionId);
    }
    return at;
  }

  /** Passes over an event of a client that was turned away. */
  #skip({ command, connectionId }: FrameHeader): void {
    if (command === Command.Close) this.#turnedAway.delete(connectionId);
    this.#tracker.skip();
    this.link.touch();
  }

  #onWitness({ connectionId }: FrameHeader, head: Uint8Array): void {
    const decode = () => decodeWitnessed(head);
    const witnessed = this.#turnedAway.read(this.link, connectionId, decode);
    if (witnessed !== undefined) this.witnessed.set(connectionId, witnessed);
  }

  #newBarrier(): Barrier | undefined {
    const { done } = this.#tracker;
    const released = this.#deferral?.takeReleased() ?? [];
    if (done === this.#acknowledged && released.length === 0) return undefined;
    return { done, released, marks: this.#owner.marksBeside(this) };
  }

  #say({ command, connectionId, number }: Notice): void {
    this.link.log.append(command, 0, connectionId, number, NOTHING, 0, 0);
  }
}

function laneOf({ event }: NumberedEvent<AnyLaneEvent>): Lane {
  return event.lane;
}

/** Gives events of one client memory of their own: one piece for all of them. */
function moveBytes(events: readonly NumberedEvent<AnyLaneEvent>[]): void {
  const small = events.filter(({ event }) => event.isSmallPart);
  const total = small.reduce((sum, { event }) => sum + event.length, 0);
  const memory = new Uint8Array(total);
  let at = 0;
  for (const { event } of small) at = event.moveTo(memory, at);
}

/** Whether what was sent by then is still to leave, on a link that goes on. */
function holds({ link, bytes }: Mark): boolean {
  return link.isOpen && link.log.writtenBytes < bytes && !link.isStalled;
}

const NOTHING = new Uint8Array(0);
