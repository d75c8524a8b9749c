import type { HandlerClient } from "../handler/handler.ts";

/** What events need of the lane that they run in. */
export interface EventLane {
  /** The client's number on its gateway. */
  readonly connectionId: number;
  /** The client's id. */
  readonly clientId: string;
  /** The client as the handler sees it. */
  readonly client: HandlerClient;
}

/** What all client events share; the payload is a range of the bytes that came. */
export abstract class LaneEvent {
  /** The lane that it runs in. */
  readonly lane: EventLane;
  protected buffer: Uint8Array;
  protected start: number;
  protected end: number;
  /** Its number among its client's events; 0 if it has none. */
  readonly number: number;
  /** Whether an earlier worker may have handled it. */
  readonly redelivered: boolean;

  /** Creates an event whose payload is `buffer[start, end)`. */
  constructor(
    lane: EventLane,
    number: number,
    redelivered: boolean,
    buffer: Uint8Array,
    start: number,
    end: number,
  ) {
    this.lane = lane;
    this.number = number;
    this.redelivered = redelivered;
    this.buffer = buffer;
    this.start = start;
    this.end = end;
  }

  /** Names the event, also when it is delivered again. */
  get id(): string {
    return `${this.lane.clientId}-${this.number}`;
  }

  /** The client as the handler sees it. */
  get client(): HandlerClient {
    return this.lane.client;
  }

  /** Bytes of its payload. */
  get length(): number {
    return this.end - this.start;
  }

  /** Whether most of the memory that it holds on to is not its own. */
  get isSmallPart(): boolean {
    return 2 * this.length < this.buffer.length;
  }

  /** Its handler has ended. */
  finish(): void {}

  /** Moves its payload to a place in other memory; returns where it ends. */
  moveTo(memory: Uint8Array, at: number): number {
    memory.set(this.buffer.subarray(this.start, this.end), at);
    this.end = at + this.length;
    this.start = at;
    this.buffer = memory;
    return this.end;
  }
}
