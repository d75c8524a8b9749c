/**
 * Hot: the events that a handler is told, over the bytes that came on the link.
 *
 * @module
 */
import { type BodyMap, decodeMap, textField } from "../wire/body.ts";
import { toClientRequest } from "../wire/bodies/client_request.ts";
import { lastText } from "../wire/decoded_text.ts";
import type {
  ClientCloseEvent,
  ClientMessageEvent,
  ClientRequest,
  ConnectEvent,
  HandlerClient,
  SlowEvent,
} from "./handler.ts";

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
abstract class LaneEvent {
  readonly lane: EventLane;
  protected buffer: Uint8Array;
  protected start: number;
  protected end: number;
  readonly number: number;
  readonly redelivered: boolean;

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

  get id(): string {
    return `${this.lane.clientId}-${this.number}`;
  }

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

  /** Moves its payload to a place in other memory; returns where it ends. */
  moveTo(memory: Uint8Array, at: number): number {
    memory.set(this.buffer.subarray(this.start, this.end), at);
    this.end = at + this.length;
    this.start = at;
    this.buffer = memory;
    return this.end;
  }
}

/** {@linkcode ConnectEvent}. */
export class LaneConnectEvent extends LaneEvent implements ConnectEvent {
  readonly type = "connect";
  #request: ClientRequest | undefined;

  get request(): ClientRequest | undefined {
    this.#request ??= decodeRequest(this.buffer.subarray(this.start, this.end));
    return this.#request;
  }
}

/** {@linkcode ClientMessageEvent}. */
export class LaneMessageEvent extends LaneEvent implements ClientMessageEvent {
  readonly type = "message";
  readonly binary: boolean;

  constructor(
    lane: EventLane,
    number: number,
    redelivered: boolean,
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ) {
    super(lane, number, redelivered, buffer, start, end);
    this.binary = binary;
  }

  text(): string {
    return lastText.decode(this.buffer, this.start, this.end);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.buffer.subarray(this.start, this.end));
  }

  json(): unknown {
    return JSON.parse(this.text());
  }
}

/** {@linkcode ClientCloseEvent}. */
export class LaneCloseEvent extends LaneEvent implements ClientCloseEvent {
  readonly type = "close";
  readonly code: number;
  readonly reason: string;

  constructor(
    lane: EventLane,
    number: number,
    redelivered: boolean,
    buffer: Uint8Array,
    start: number,
    end: number,
  ) {
    super(lane, number, redelivered, buffer, start, end);
    const { code, reason } = factsIn(buffer.subarray(start, end));
    this.code = typeof code === "number" ? code : 1006;
    this.reason = typeof reason === "string" ? reason : "";
  }
}

/** {@linkcode SlowEvent}. */
export class LaneSlowEvent extends LaneEvent implements SlowEvent {
  readonly type = "slow";
  readonly dropped: number;
  readonly queuedBytes: number;

  constructor(lane: EventLane, buffer: Uint8Array, start: number, end: number) {
    super(lane, 0, false, buffer, start, end);
    const { dropped, queuedBytes } = factsIn(buffer.subarray(start, end));
    this.dropped = typeof dropped === "number" ? dropped : 0;
    this.queuedBytes = typeof queuedBytes === "number" ? queuedBytes : 0;
  }
}

/** Any event about a client. */
export type AnyLaneEvent =
  | LaneConnectEvent
  | LaneMessageEvent
  | LaneCloseEvent
  | LaneSlowEvent;

/** What cannot be read counts as not said: the event happened all the same. */
function factsIn(payload: Uint8Array): BodyMap {
  try {
    return decodeMap(payload);
  } catch {
    return {};
  }
}

function decodeRequest(payload: Uint8Array): ClientRequest | undefined {
  const body = decodeMap(payload);
  const target = textField(body, "target");
  if (target === undefined) return undefined;
  const pairs = body["headers"];
  return toClientRequest(target, Array.isArray(pairs) ? pairs : []);
}
