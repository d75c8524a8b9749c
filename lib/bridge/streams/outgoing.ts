/**
 * Hot: what one bridge has sent to a shard of another cell and is not acknowledged: a
 * window over numbered frames. Pure: time is given, and nothing is published here.
 *
 * @module
 */
import { Deque } from "../../base/deque.ts";
import { highOf, lowOf } from "../../wire/bodies/origin.ts";
import { HEADER_LENGTH, writeHeader } from "../../wire/frame.ts";

/** Most bytes that are not acknowledged; what comes beyond is lost. */
export const WINDOW = 8 * 1024 * 1024;

/** Milliseconds after which what is not acknowledged is lost. */
export const PATIENCE = 10_000;

/** Bytes of one message, unless a frame is longer. */
export const MAX_BATCH = 61_440;

/** Bytes that are on their way at a time. */
const MAX_FLIGHT = 4 * 1024 * 1024;

/** The same after something got lost, until an acknowledgement comes. */
const MAX_FLIGHT_AGAIN = 512 * 1024;

/** Milliseconds of silence after which frames are sent again, at least and at most. */
const MIN_RESEND = 500;
const MAX_RESEND = 2_000;

/** Least milliseconds between two times that frames are sent again for a gap. */
const GAP_INTERVAL = 100;

/** Milliseconds between frames that grow too old together. */
const SAME_AGE = 250;

/** What a frame of no more bytes than this counts in the window: memory has its price. */
const FRAME_COST = 16;

/** Frames that are sent in one message. */
export interface Batch {
  /** Number of the first. */
  readonly first: number;
  /** How many there are. */
  count: number;
  /** How many of them nobody will send again but this side. */
  loose: number;
  /** Them. */
  bytes: Uint8Array;
  /** How many bytes are used, while it is being filled. */
  used: number;
  /** When the first was taken. */
  readonly since: number;
  /** When it was sent last; 0 if it was not. */
  sentAt: number;
}

/** What became of a frame that was to be sent. */
export type PushResult = "taken" | "window" | "tooLarge";

/** Frames for one shard of another cell. */
export class Outgoing {
  readonly #maxFrame: () => number;
  readonly #batches = new Deque<Batch>();
  /** How many of the batches, from the oldest on, are on their way. */
  #sent = 0;
  #flight = 0;
  #bytes = 0;
  #frames = 0;
  #loose = 0;
  #isRecovering = false;
  #silentSince = 0;
  #rewoundAt = -Infinity;
  #resendAfter = MIN_RESEND;
  /** Numbers given up that may have come all the same, as ranges. */
  #unclear: { first: number; count: number }[] = [];
  #lostBefore = 0;
  #passed = 0;
  #acknowledged = 0;
  #next = 1;
  /** The lowest number that could come when the other side began to listen. */
  base = 1;
  /** Frames taken since the start. */
  taken = 0;
  /** Frames sent again since the start. */
  resent = 0;
  /** Milliseconds that the last acknowledgement took. */
  roundTrip = 0;

  /** @param maxFrame Says how long a message may be. */
  constructor(maxFrame: () => number) {
    this.#maxFrame = maxFrame;
  }

  /** Frames that are not acknowledged. */
  get frames(): number {
    return this.#frames;
  }

  /** Those among them that nobody will send again but this side. */
  get loose(): number {
    return this.#loose;
  }

  /** The number that the next frame will have. */
  get next(): number {
    return this.#next;
  }

  /** Their bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The lowest number that may still be sent. */
  get floor(): number {
    return this.#batches.first?.first ?? this.#next;
  }

  /** Frames that were given up and did not come, as far as is known. */
  get lost(): number {
    let lost = this.#lostBefore + this.#passed;
    for (const { count } of this.#unclear) lost += count;
    return lost;
  }

  /** Milliseconds since the oldest was taken; 0 if there is none. */
  lag(time: number): number {
    const oldest = this.#batches.first;
    return oldest === undefined ? 0 : time - oldest.since;
  }

  /**
   * Takes a frame, whose body is `buffer[start, end)`.
   *
   * @param origin Who has numbered it and will send it again if this side is lost; else 0.
   * @param connectionId Its number there, if it has an origin.
   * @param number A request id; 0 if it has an origin.
   */
  push(
    time: number,
    command: number,
    flags: number,
    origin: number,
    connectionId: number,
    number: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): PushResult {
    const length = HEADER_LENGTH + end - start;
    if (length > this.#maxFrame()) return "tooLarge";
    if (this.#bytes + length + FRAME_COST > WINDOW) return "window";
    const batch = this.#open(time, length);
    const { bytes, used } = batch;
    const view = new DataView(bytes.buffer);
    if (origin === 0) {
      writeHeader(view, used, length, command, flags, connectionId, number);
      batch.loose++;
      this.#loose++;
    } else {
      const [low, high] = [lowOf(origin), highOf(origin)];
      writeHeader(view, used, length, command, flags, connectionId, low, high);
    }
    bytes.set(buffer.subarray(start, end), used + HEADER_LENGTH);
    batch.used += length;
    batch.count++;
    this.#next++;
    this.#frames++;
    this.taken++;
    this.#bytes += length + FRAME_COST;
    return "taken";
  }

  /** Returns the next batch to send; `undefined` if there is none, or enough is on its way. */
  nextBatch(time: number): Batch | undefined {
    const batch = this.#batches.at(this.#sent);
    const most = this.#isRecovering ? MAX_FLIGHT_AGAIN : MAX_FLIGHT;
    if (batch === undefined || this.#flight >= most) return undefined;
    if (this.#sent === 0) this.#silentSince = time;
    if (batch.sentAt > 0) this.resent += batch.count;
    batch.sentAt = time;
    this.#sent++;
    this.#flight += batch.used;
    return batch;
  }

  /**
   * The other side has all up to a number.
   *
   * @param passed How many of these it did not get, as they were given up.
   * @param hasGap Whether more came, and some before it did not.
   */
  acknowledge(
    time: number,
    number: number,
    passed: number,
    hasGap: boolean,
  ): void {
    if (number >= this.#next || number < this.#acknowledged) return;
    if (number > this.#acknowledged) this.#progress(time);
    this.#acknowledged = number;
    this.#passed = passed;
    this.#unclear = this.#unclear.filter(({ first }) => first > number);
    for (
      let batch = this.#batches.first;
      batch !== undefined && batch.first + batch.count - 1 <= number;
      batch = this.#batches.first
    ) {
      if (batch.sentAt > 0) this.roundTrip = time - batch.sentAt;
      this.#shift(batch);
    }
    if (hasGap && time - this.#rewoundAt >= GAP_INTERVAL) this.rewind(time);
  }

  /** All that is not acknowledged is sent again: to another bridge, or after silence. */
  rewind(time: number): void {
    this.#sent = 0;
    this.#flight = 0;
    this.#silentSince = time;
    this.#rewoundAt = time;
    this.#isRecovering = this.#batches.length > 0;
    this.#merge();
  }

  /** The other side knows nothing of before: what was given up by now is lost. */
  beginAnew(time: number): void {
    this.#lostBefore = this.lost;
    this.#unclear = [];
    this.#passed = 0;
    this.base = this.floor;
    this.rewind(time);
  }

  /**
   * Time has passed: gives up what is too old, and sends again after silence.
   *
   * @param isHeard Whether the other side is there, so that silence means a loss.
   */
  tick(time: number, isHeard: boolean): void {
    for (
      let batch = this.#batches.first;
      batch !== undefined && time - batch.since > PATIENCE;
      batch = this.#batches.first
    ) {
      this.#unclear.push({ first: batch.first, count: batch.count });
      this.#shift(batch);
    }
    if (!isHeard || this.#sent === 0) return;
    if (time - this.#silentSince < this.#resendAfter) return;
    this.#resendAfter = Math.min(2 * this.#resendAfter, MAX_RESEND);
    this.rewind(time);
  }

  /** Of many small messages that were sent, few are made: fewer can get lost. */
  #merge(): void {
    const before: Batch[] = [];
    for (
      let batch = this.#batches.shift();
      batch !== undefined;
      batch = this.#batches.shift()
    ) before.push(batch);
    for (const batch of before) {
      const last = this.#batches.last;
      const isOne = last !== undefined && last.sentAt > 0 &&
        batch.sentAt > 0 && batch.since - last.since <= SAME_AGE &&
        last.used + batch.used <= MAX_BATCH;
      if (!isOne) this.#batches.push(batch);
      else append(last, batch);
    }
  }

  #progress(time: number): void {
    this.#silentSince = time;
    this.#isRecovering = false;
    this.#resendAfter = MIN_RESEND;
  }

  #open(time: number, length: number): Batch {
    const { length: count } = this.#batches;
    const last = count > this.#sent ? this.#batches.at(count - 1) : undefined;
    // A batch that was sent stays as it is, so that it is dropped or kept as a whole.
    const isFresh = last !== undefined && last.sentAt === 0 &&
      time - last.since <= SAME_AGE;
    if (isFresh && last.used + length <= MAX_BATCH) {
      if (last.used + length > last.bytes.length) grow(last, length);
      return last;
    }
    const batch: Batch = {
      first: this.#next,
      count: 0,
      loose: 0,
      bytes: new Uint8Array(Math.max(length, 1_024)),
      used: 0,
      since: time,
      sentAt: 0,
    };
    this.#batches.push(batch);
    return batch;
  }

  #shift(batch: Batch): void {
    this.#batches.shift();
    if (this.#sent > 0) {
      this.#sent--;
      this.#flight -= batch.used;
    }
    this.#frames -= batch.count;
    this.#loose -= batch.loose;
    this.#bytes -= batch.used + batch.count * FRAME_COST;
  }
}

function append(batch: Batch, more: Batch): void {
  const length = batch.used + more.used;
  if (length > batch.bytes.length) grow(batch, more.used);
  batch.bytes.set(more.bytes.subarray(0, more.used), batch.used);
  batch.used = length;
  batch.count += more.count;
  batch.loose += more.loose;
  batch.sentAt = Math.max(batch.sentAt, more.sentAt);
}

function grow(batch: Batch, length: number): void {
  const most = Math.max(2 * batch.bytes.length, batch.used + length);
  const bytes = new Uint8Array(Math.min(most, MAX_BATCH));
  bytes.set(batch.bytes.subarray(0, batch.used));
  batch.bytes = bytes;
}
