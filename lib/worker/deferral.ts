/**
 * How a gateway is told that events take long, so that it goes on without them, and
 * that they are done.
 *
 * @module
 */
import type { NumberedEvent } from "../wire/acknowledger.ts";
import { Command } from "../wire/command.ts";
import type { Link } from "../link/link.ts";
import type { AnyLaneEvent } from "./events/events.ts";
import type { EventLane } from "./events/lane_event.ts";

const HIGH_WORD = 0x1_0000_0000;

/** The version of the link protocol in which clients are deferred, not single events. */
const DEFERS_CLIENTS = 3;

/** What a frame without a body says. */
export interface Notice {
  /** What it means. */
  readonly command: Command;
  /** The client, or the upper half of a number. */
  readonly connectionId: number;
  /** The client's event, or the lower half. */
  readonly number: number;
}

/** Events that take long. */
export interface Deferral {
  /** Whether nothing is to be released. */
  readonly isEmpty: boolean;
  /** Says at once that these events of a client take long: its oldest that are not done. */
  defer(lane: EventLane, events: readonly NumberedEvent<AnyLaneEvent>[]): void;
  /** An event is done, and may be one of those. */
  onDone(lane: EventLane, event: AnyLaneEvent, sequence: number): void;
  /** Takes what is to be said of events that are done. */
  takeReleased(): readonly Notice[];
}

/** Returns the way of deferring events that the gateway understands. */
export function deferralOn(link: Link): Deferral {
  return link.peer.version >= DEFERS_CLIENTS
    ? new ClientDeferral(link)
    : new EventDeferral(link);
}

/** Names a client, and the last of its events that take long or are done. */
class ClientDeferral implements Deferral {
  readonly #link: Link;
  /** Number of the last event that was deferred. */
  readonly #lastOf = new Map<EventLane, number>();
  /** Number of the last event that is done. */
  #doneOf = new Map<EventLane, number>();

  constructor(link: Link) {
    this.#link = link;
  }

  get isEmpty(): boolean {
    return this.#doneOf.size === 0;
  }

  defer(lane: EventLane, events: readonly NumberedEvent<AnyLaneEvent>[]): void {
    const first = events[0]?.event.number ?? 0;
    const last = events.at(-1)?.event.number ?? 0;
    // Those before are done, though perhaps not acknowledged, which can wait no less.
    if (first > 1 && !this.#lastOf.has(lane)) this.#doneOf.set(lane, first - 1);
    this.#lastOf.set(lane, last);
    this.#link.send(Command.DeferUpTo, lane.connectionId, last);
  }

  onDone(lane: EventLane, { number }: AnyLaneEvent): void {
    if (this.#lastOf.size === 0) return;
    const last = this.#lastOf.get(lane) ?? 0;
    if (number > last) return;
    this.#doneOf.set(lane, number);
    if (number === last) this.#lastOf.delete(lane);
  }

  takeReleased(): readonly Notice[] {
    if (this.#doneOf.size === 0) return NONE;
    const released = [...this.#doneOf].map(([{ connectionId }, number]) => ({
      command: Command.ReleaseUpTo,
      connectionId,
      number,
    }));
    this.#doneOf = new Map();
    return released;
  }
}

/** Names each event by its number on the link, as version 2 has it. */
class EventDeferral implements Deferral {
  readonly #link: Link;
  readonly #deferred = new Set<number>();
  #done: number[] = [];

  constructor(link: Link) {
    this.#link = link;
  }

  get isEmpty(): boolean {
    return this.#done.length === 0;
  }

  defer(
    _lane: EventLane,
    events: readonly NumberedEvent<AnyLaneEvent>[],
  ): void {
    for (const { sequence } of events) {
      this.#deferred.add(sequence);
      const { command, connectionId, number } = named(Command.Defer, sequence);
      this.#link.send(command, connectionId, number);
    }
  }

  onDone(_lane: EventLane, _event: AnyLaneEvent, sequence: number): void {
    if (this.#deferred.delete(sequence)) this.#done.push(sequence);
  }

  takeReleased(): readonly Notice[] {
    if (this.#done.length === 0) return NONE;
    const released = this.#done.map((each) => named(Command.Release, each));
    this.#done = [];
    return released;
  }
}

const NONE: readonly Notice[] = [];

/** Returns a notice of a number on the link, which may need more than 32 bits. */
export function named(command: Command, sequence: number): Notice {
  return {
    command,
    connectionId: Math.floor(sequence / HIGH_WORD),
    number: sequence % HIGH_WORD,
  };
}
