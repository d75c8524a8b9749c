/**
 * Hot: how far the events of one link have come, by their numbers on it.
 *
 * @module
 */
import type { Link } from "../link/link.ts";
import { Acknowledger, type NumberedEvent } from "../wire/acknowledger.ts";
import { type Deferral, deferralOn, type Notice } from "./deferral.ts";
import type { AnyLaneEvent } from "./events/events.ts";
import type { EventLane } from "./events/lane_event.ts";

/** Part of the window after which an event that still runs counts as old. */
const OLD_PART = 8;

/**
 * Numbers the events of one link as they come, knows up to which all are done, and sets
 * those aside that run while others come and go: they would hold up all behind them.
 */
export class Numbering {
  readonly #tracker = new Acknowledger<AnyLaneEvent>();
  readonly #oldBytes: number;
  #deferral: Deferral | undefined;
  #bytesSinceMark = 0;
  #olderMark = 0;
  #newerMark = 0;

  /** @param window Bytes of events that the gateway keeps unacknowledged. */
  constructor(window: number) {
    this.#oldBytes = Math.max(1, window / OLD_PART);
  }

  /** The link is there: what takes long is said on it. */
  begin(link: Link): void {
    this.#deferral = deferralOn(link);
  }

  /** Number of the event up to which all are done, or set aside. */
  get done(): number {
    return this.#tracker.done;
  }

  /** Events received and not handled. */
  get unfinished(): number {
    return this.#tracker.unfinished;
  }

  /** Whether nothing that was set aside has got done and is still to be said. */
  get hasSaidAll(): boolean {
    return this.#deferral?.isEmpty === true;
  }

  /** Hot: counts bytes that came; returns whether so many came that events have aged. */
  isOldAfter(bytes: number): boolean {
    this.#bytesSinceMark += bytes;
    return this.#bytesSinceMark > this.#oldBytes;
  }

  /** Hot: an event came; returns its number. */
  receive(event: AnyLaneEvent): number {
    return this.#tracker.receive(event);
  }

  /** An event came that nobody handles. */
  skip(): void {
    this.#tracker.skip();
  }

  /** Hot: an event is done. */
  complete(lane: EventLane, event: AnyLaneEvent, sequence: number): void {
    this.#tracker.complete(sequence);
    this.#deferral?.onDone(lane, event, sequence);
  }

  /** Sets aside what still runs and is older than the mark before last; returns whether any. */
  age(): boolean {
    this.#bytesSinceMark = 0;
    const isOld = this.#tracker.done < this.#olderMark;
    if (isOld) this.#defer(this.#tracker.setAside(this.#olderMark));
    this.#olderMark = this.#newerMark;
    this.#newerMark = this.#tracker.received;
    return isOld;
  }

  /** Takes what is to be said of events that were set aside, and are done. */
  takeReleased(): readonly Notice[] {
    return this.#deferral?.takeReleased() ?? [];
  }

  /** Lets events wait that take long: each with its client, and with no bytes but its own. */
  #defer(overdue: readonly NumberedEvent<AnyLaneEvent>[]): void {
    for (const [lane, events] of Map.groupBy(overdue, laneOf)) {
      moveBytes(events);
      this.#deferral?.defer(lane, events);
    }
  }
}

function laneOf({ event }: NumberedEvent<AnyLaneEvent>): EventLane {
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
