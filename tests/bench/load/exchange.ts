/**
 * All clients of one run: sends, checks every message that comes, measures.
 *
 * Hot: `onMessage` runs for every message received.
 *
 * @module
 */
import { Histogram } from "./histogram.ts";
import { type Faults, Lane, noFaults } from "./lane.ts";
import { type Audience, flushAll } from "./load_client.ts";
import type { Route } from "./routes.ts";

/** Longest wait for messages under way after the last was sent, in milliseconds. */
const MAX_DRAIN = 2_000;

/** All that an exchange needs of a client. */
export interface Sender {
  /** Sends the message with this number. */
  send(sequence: number): void;
}

/** Clients and what passes between them. */
export class Exchange implements Audience {
  /** What went wrong. */
  readonly faults: Faults = noFaults();
  /** Latencies of what came while measuring. */
  readonly latency: Histogram = new Histogram();
  /** Connected clients by index; filled by the owner before the start. */
  readonly clients: Sender[] = [];
  /** Messages sent while measuring. */
  sent = 0;
  /** Messages received while measuring. */
  delivered = 0;
  /** The same for each client. */
  readonly served: Uint32Array;
  readonly #lanes: Lane[];
  readonly #laneOf: (Lane | undefined)[] = [];
  readonly #rate: number;
  #start = 0;
  #scheduled = 0;
  #now = 0;
  #owed = 0;
  #measuring = false;
  #sending = false;

  /**
   * @param routes Who sends to whom.
   * @param clients How many clients there are.
   * @param rate Messages a second of all senders together; 0 for a closed loop.
   */
  constructor(routes: readonly Route[], clients: number, rate: number) {
    this.#lanes = routes.map((route, i) => new Lane(route, i, this.faults));
    for (const lane of this.#lanes) this.#laneOf[lane.route.sender] = lane;
    this.served = new Uint32Array(clients);
    this.#rate = rate;
  }

  /** Messages sent since the beginning, measured or not. */
  get sentInAll(): number {
    return this.#lanes.reduce((total, { sent }) => total + sent, 0);
  }

  /** Starts to send: fills every sender's depth, or starts the schedule. */
  start(): void {
    this.#sending = true;
    this.#start = this.#now = performance.now();
    if (this.#rate > 0) return;
    for (const lane of this.#lanes) {
      for (let i = 0; i < lane.route.depth; i++) this.#send(lane);
    }
    flushAll();
  }

  /** Sends all that the schedule has had for now; only with a rate. */
  sendDue(): void {
    if (!this.#sending) return;
    this.#now = performance.now();
    const due = (this.#now - this.#start) * this.#rate / 1_000;
    for (; this.#scheduled <= due; this.#scheduled++) {
      this.#send(this.#lanes[this.#scheduled % this.#lanes.length] as Lane);
    }
    flushAll();
  }

  /** Starts to count, from nothing. */
  beginMeasuring(): void {
    this.latency.reset();
    this.served.fill(0);
    this.sent = this.delivered = 0;
    this.#measuring = true;
  }

  /** Stops to count. */
  endMeasuring(): void {
    this.#measuring = false;
  }

  /** Sends no more, and waits for what is under way. May be started again. */
  async settle(): Promise<void> {
    this.#sending = false;
    const end = performance.now() + MAX_DRAIN;
    while (this.#owed > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Settles for good, and counts what has not come. */
  async drain(): Promise<void> {
    await this.settle();
    for (const lane of this.#lanes) lane.close();
  }

  onRead(): void {
    this.#now = performance.now();
  }

  onMessage(receiver: number, sender: number, sequence: number): void {
    const lane = this.#laneOf[sender];
    if (lane === undefined) {
      this.faults.corrupt++;
      return;
    }
    if (!lane.accept(receiver, sequence)) return;
    this.#owed--;
    if (this.#measuring) {
      this.delivered++;
      (this.served[receiver] as number)++;
      this.latency.record(this.#now - this.#sentAt(lane, sequence));
    }
    if (this.#rate === 0 && lane.complete(sequence) && this.#sending) {
      this.#send(lane);
    }
  }

  onLost(): void {
    this.faults.disconnected++;
  }

  #send(lane: Lane): void {
    this.#owed += lane.route.receivers;
    if (this.#measuring) this.sent++;
    this.clients[lane.route.sender]?.send(lane.take(this.#now));
  }

  /** When it was sent; with a rate, when it should have been. */
  #sentAt(lane: Lane, sequence: number): number {
    if (this.#rate === 0) return lane.sentAt(sequence);
    const before = sequence * this.#lanes.length + lane.ordinal;
    return this.#start + before * 1_000 / this.#rate;
  }
}
