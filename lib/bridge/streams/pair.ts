import { now } from "../../base/clock.ts";
import { LinkClosedError } from "../../base/errors.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import type { Pending } from "../../link/pending.ts";
import type { InterestedPeer } from "../../link/interest.ts";
import { Kind } from "../../nats/seal.ts";
import { Command } from "../../wire/command.ts";
import { decodeBody } from "../../wire/body.ts";
import { decodeFailure } from "../../wire/failure.ts";
import { Flag, type FrameHeader } from "../../wire/frame.ts";
import { GAP, overheadOf, REPLACED, writeCellMessage } from "./cell_message.ts";
import type { CellMessage } from "./cell_message.ts";
import { CellPending } from "./cell_pending.ts";
import { noFigures, type PairFigures } from "./figures.ts";
import { Incoming, type TakeFrame } from "./incoming.ts";
import { Outgoing } from "./outgoing.ts";

/** Frames after which they are acknowledged without waiting for others. */
const ACK_FRAMES = 256;

/** Milliseconds after which they are acknowledged anyway. */
export const ACK_INTERVAL = 200;

/** Most names that another cell may have said nobody there has; the oldest are forgotten first. */
const MAX_ABSENT = 100_000;

/** What of a bridge a {@linkcode Pair} works with. */
export interface PairOwner {
  /** This cell. */
  readonly cell: string;
  /** The shard. */
  readonly shard: number;
  /** Since when this bridge is active for it. */
  readonly epoch: number;
  /** What this cell said of absent names before this is void. */
  readonly generation: number;
  /** Says, later, whether what was delivered up to now has left for the gateways. */
  delivered(): () => boolean;
  /** Longest message that NATS takes, in bytes. */
  maxPayload(): number;
  /** Seals a message of several parts and sends it to a cell. */
  publish(cell: string, kind: Kind, parts: readonly Uint8Array[]): void;
  /** The other cell may have anybody by now. */
  onForgotten(pair: Pair): void;
  /** The other cell did not confirm that it heard who is present. */
  onUnconfirmed(pair: Pair): void;
}

/** The two streams between a shard of this cell and that of another one, as a link would be. */
export class Pair implements InterestedPeer {
  readonly #owner: PairOwner;
  readonly #outgoing: Outgoing;
  readonly #incoming = new Incoming();
  readonly #absent = new Set<string>();
  /** Epoch of the bridge over there that is active; 0 if none is known. */
  #peer = 0;
  #isHeard = false;
  #generation = 0;
  #unacknowledged = 0;
  #acknowledged = 0;
  /** What to acknowledge once it has left for the gateways. */
  #due: { number: number; isDelivered: () => boolean } | undefined;
  #figures: PairFigures = noFigures();
  #isClosed = false;
  /** The other cell. */
  readonly cell: string;
  /** Requests that wait for the other cell. */
  readonly pending: Pending;

  /** Nothing was said yet. */
  constructor(cell: string, owner: PairOwner) {
    this.cell = cell;
    this.#owner = owner;
    const overhead = overheadOf(owner.cell);
    this.#outgoing = new Outgoing(() => owner.maxPayload() - overhead);
    this.pending = new CellPending(cell, () => {
      if (!this.#isClosed) owner.onUnconfirmed(this);
    });
  }

  /** What {@linkcode Interest} needs. */
  get link(): Pick<Pair, "send" | "pending"> {
    return this;
  }

  /** Whether the other cell is heard, and a bridge is active there. */
  get isReachable(): boolean {
    return this.#isHeard && this.#peer > 0;
  }

  /** How many names it said nobody there has. */
  get absentNames(): number {
    return this.#absent.size;
  }

  /** Milliseconds that the last acknowledgement took. */
  get roundTrip(): number {
    return this.#outgoing.roundTrip;
  }

  /** What is not acknowledged. */
  get unacknowledged(): { frames: number; bytes: number; lag: number } {
    const { frames, bytes } = this.#outgoing;
    return { frames, bytes, lag: this.#outgoing.lag(now()) };
  }

  /** The number that the next frame for it will have. */
  get next(): number {
    return this.#outgoing.next;
  }

  /** Whether all frames before a number have come, or were given up and counted. */
  isPast(number: number): boolean {
    return this.#isClosed || this.#outgoing.floor >= number;
  }

  /** What became of frames since the start. */
  get figures(): PairFigures {
    const figures = structuredClone(this.#figures);
    figures.sent = this.#outgoing.taken;
    figures.resent = this.#outgoing.resent;
    figures.received = this.#incoming.received;
    figures.duplicates = this.#incoming.duplicates;
    figures.lost.silent = this.#outgoing.lost;
    return figures;
  }

  /** A frame came for names that nobody here has. */
  noteWithoutInterest(): void {
    this.#figures.withoutInterest++;
  }

  /** A frame came that this cell does not take from there. */
  noteRefused(): void {
    this.#figures.lost.refused++;
  }

  /** Whether nobody there has any of these names. */
  hasNone(names: readonly string[]): boolean {
    if (this.#absent.size === 0 || names.length === 0) return false;
    return names.every((name) => this.#absent.has(name));
  }

  /** Somebody there has a name, or may have. */
  notePresent(name: string): void {
    this.#absent.delete(name);
  }

  /** Nobody there has a name, said in a generation that may be over. */
  noteAbsent(name: string, generation: number): void {
    if (generation !== toNumber(this.#generation)) return;
    this.#absent.add(name);
    if (this.#absent.size <= MAX_ABSENT) return;
    for (const oldest of this.#absent) {
      this.#absent.delete(oldest);
      return;
    }
  }

  /** Sends a frame whose body is the payload; returns whether it was taken. */
  send(
    command: number,
    connectionId: number,
    number: number,
    payload: Uint8Array = NO_BYTES,
    flags = 0,
  ): boolean {
    if (command === Command.Absent) number = toNumber(this.#owner.generation);
    return this.push(
      ...[command, flags, 0, connectionId, number] as const,
      ...[payload, 0, payload.length] as const,
    );
  }

  /** Hot: the same, with a body that is `buffer[start, end)`. */
  push(
    command: number,
    flags: number,
    origin: number,
    connectionId: number,
    number: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    const result = this.#outgoing.push(
      now(),
      command,
      flags,
      origin,
      connectionId,
      number,
      buffer,
      start,
      end,
    );
    if (result === "taken") return true;
    this.#figures.lost[result]++;
    if (number !== 0) {
      const why = result === "window"
        ? "too much waits for it"
        : "NATS takes no message that long";
      const error = new LinkClosedError(
        `Cannot reach cell ${this.cell}: ${why}`,
      );
      this.pending.fail(number, error);
    }
    return false;
  }

  /** Publishes what may be on its way, if somebody is there to take it. */
  flush(): void {
    if (!this.isReachable) return;
    const time = now();
    for (
      let batch = this.#outgoing.nextBatch(time);
      batch !== undefined;
      batch = this.#outgoing.nextBatch(time)
    ) {
      const frames = batch.bytes.subarray(0, batch.used);
      const { first: number } = batch;
      const { floor } = this.#outgoing;
      this.#publish(
        { kind: Kind.Data, flags: 0, number, floor },
        frames,
      );
    }
  }

  /**
   * How the other cell is by now.
   *
   * @param epoch Of the bridge that is active there; 0 if none is.
   * @param generation Absent names of before are void.
   * @param isHeard Whether it was heard of late.
   */
  meet(epoch: number, generation: number, isHeard: boolean): void {
    const wasHeard = this.#isHeard;
    this.#isHeard = isHeard;
    if (epoch > this.#peer) {
      this.#peer = epoch;
      this.#outgoing.beginAnew(now());
      this.#forget(generation);
      this.#owner.onUnconfirmed(this);
    } else if (wasHeard && !isHeard) {
      this.#forget(this.#generation);
      this.#owner.onUnconfirmed(this);
    } else if (generation > this.#generation) this.#forget(generation);
    this.flush();
  }

  /** A message came from there. */
  take(message: CellMessage, frames: Uint8Array, take: TakeFrame): void {
    if (message.epoch < this.#peer) return this.#tellReplaced(message.epoch);
    this.meet(message.epoch, message.generation, true);
    if (message.to !== this.#owner.epoch) return;
    if (message.kind === Kind.Ack) {
      const { number, floor: passed, flags } = message;
      // It will hear of its successor by a heartbeat, and stand by.
      if ((flags & REPLACED) !== 0) return;
      const hasGap = (flags & GAP) !== 0;
      this.#outgoing.acknowledge(now(), number, passed, hasGap);
      return this.flush();
    }
    const incoming = this.#incoming;
    if (incoming.epoch !== message.epoch) {
      incoming.begin(message.epoch);
      this.#acknowledged = message.base - 1;
      this.#due = undefined;
    }
    const before = incoming.last;
    const arrival = incoming.take(
      message.number,
      message.floor,
      message.base,
      frames,
      take,
    );
    this.#unacknowledged += incoming.last - before;
    if (arrival === "gap" || incoming.last === before) {
      return this.#acknowledge(arrival === "gap" ? GAP : 0);
    }
    if (this.#unacknowledged >= ACK_FRAMES) this.#oweAck();
    this.acknowledgeDelivered();
  }

  /** Acknowledges if that is due, and what came has left for the gateways. */
  acknowledgeDelivered(): void {
    const due = this.#due;
    if (due === undefined || !due.isDelivered()) return;
    this.#due = undefined;
    this.#acknowledge(0, this.#peer, due.number);
  }

  /** Asks how far the other cell has come, though this bridge was replaced. */
  probe(): void {
    const { floor } = this.#outgoing;
    if (this.#outgoing.frames === 0 || this.#peer === 0) return;
    const message = { kind: Kind.Data, flags: 0, number: floor, floor };
    this.#publish(message, NO_BYTES);
  }

  /** It has said so. */
  takeLastWord({ kind, number, floor }: CellMessage): void {
    if (kind === Kind.Ack) {
      this.#outgoing.acknowledge(now(), number, floor, false);
    }
  }

  /** Takes a reply to a request of this side. */
  takeReply({ number, flags }: FrameHeader, body: Uint8Array): void {
    const value = decodeBody(body);
    if ((flags & Flag.Failed) !== 0) {
      return this.pending.fail(number, decodeFailure(value));
    }
    const isLast = (flags & Flag.More) === 0;
    this.pending.take(number, value, isLast ? "last" : "more");
  }

  /** Time has passed. */
  tick(): void {
    this.#outgoing.tick(now(), this.isReachable);
    this.flush();
    if (this.#unacknowledged > 0) this.#oweAck();
    this.acknowledgeDelivered();
  }

  /** Tells the other cell at once that the generation is another. */
  tellGeneration(): void {
    if (this.isReachable && this.#incoming.epoch > 0) this.#acknowledge(0);
  }

  /**
   * This bridge is active no more: what is not acknowledged is lost, unless whoever sent
   * it sends it again.
   */
  close(): PairFigures {
    this.#isClosed = true;
    this.pending.close();
    const figures = this.figures;
    figures.lost.epoch += this.#outgoing.loose;
    return figures;
  }

  #forget(generation: number): void {
    this.#generation = generation;
    this.#absent.clear();
    this.#owner.onForgotten(this);
  }

  /** What came is to be acknowledged as soon as it has left for the gateways. */
  #oweAck(): void {
    if (this.#due !== undefined) return;
    this.#unacknowledged = 0;
    const number = this.#incoming.last;
    this.#due = { number, isDelivered: this.#owner.delivered() };
  }

  /** A bridge that was replaced is to know what of its frames came. */
  #tellReplaced(epoch: number): void {
    const progress = this.#incoming.progressOf(epoch);
    if (progress === undefined) return;
    const { last: number, passed: floor } = progress;
    const message = { kind: Kind.Ack, flags: REPLACED, number, floor };
    this.#publish(message, NO_BYTES, epoch);
  }

  #acknowledge(
    flags: number,
    to: number = this.#peer,
    number: number = this.#acknowledged,
  ): void {
    this.#acknowledged = number;
    const { passed: floor } = this.#incoming;
    const message = { kind: Kind.Ack, flags, number, floor };
    this.#publish(message, NO_BYTES, to);
  }

  #publish(
    message: Pick<CellMessage, "kind" | "flags" | "number" | "floor">,
    frames: Uint8Array,
    to: number = this.#peer,
  ): void {
    const { cell, shard, epoch, generation } = this.#owner;
    const { base } = this.#outgoing;
    const whole = { ...message, cell, shard, epoch, generation, to, base };
    const head = writeCellMessage(whole);
    this.#owner.publish(this.cell, message.kind, [head, frames]);
  }
}

/** A generation as the number of a frame holds it. */
function toNumber(generation: number): number {
  return generation >>> 0;
}
