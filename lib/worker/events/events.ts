/**
 * Hot: the events that a handler is told, over the bytes that came on the link.
 *
 * @module
 */
import { NO_BYTES } from "../../base/no_bytes.ts";
import { toClientCertificate } from "../../base/client_certificate.ts";
import { type BodyMap, decodeMap, textField } from "../../wire/body.ts";
import { toClientRequest } from "../../wire/bodies/client_request.ts";
import { lastText } from "../../wire/decoded_text.ts";
import type { LentMemory } from "../../wire/lent_memory.ts";
import type {
  AwayEvent,
  BackEvent,
  ClientCloseEvent,
  ClientMessageEvent,
  ClientRequest,
  ConnectEvent,
  SlowEvent,
} from "../handler/handler.ts";
import { type EventLane, LaneEvent } from "./lane_event.ts";
import type { LaneRequestEvent } from "./request_event.ts";

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

  view(): Uint8Array {
    return this.buffer.subarray(this.start, this.end);
  }

  json(): unknown {
    return JSON.parse(this.text());
  }
}

/**
 * A {@linkcode ClientMessageEvent} that is long, in memory that is read into again when
 * its handler has ended. What the handler has got of it by then it may keep, views
 * excepted; what it has not looked at stays as it is for later. If a handler has run for
 * too long, nobody knows when it ends, and the memory stays its own.
 */
export class LentMessageEvent extends LaneMessageEvent {
  /** `undefined` when it was given back, or the payload has moved. */
  #memory: LentMemory | undefined;
  #isRead = false;
  #isViewed = false;
  #isOver = false;
  #text: string | undefined;

  constructor(
    lane: EventLane,
    number: number,
    redelivered: boolean,
    memory: LentMemory,
    start: number,
    end: number,
    binary: boolean,
  ) {
    super(lane, number, redelivered, memory.bytes, start, end, binary);
    this.#memory = memory;
    memory.hold();
  }

  /** What the handler looks at stays where it is. */
  override get isSmallPart(): boolean {
    return this.#memory === undefined ? super.isSmallPart : !this.#isViewed;
  }

  override moveTo(memory: Uint8Array, at: number): number {
    const end = super.moveTo(memory, at);
    this.#memory?.release();
    this.#memory = undefined;
    return end;
  }

  override text(): string {
    if (this.#text !== undefined) return this.#text;
    this.#look();
    this.#text = this.#memory !== undefined
      ? lastText.decodeLent(this.buffer, this.start, this.end)
      : super.text();
    return this.#text;
  }

  override bytes(): Uint8Array {
    this.#look();
    return super.bytes();
  }

  override view(): Uint8Array {
    this.#look();
    this.#isViewed = true;
    return super.view();
  }

  override finish(): void {
    if (this.#memory === undefined) return;
    if (this.#isRead) {
      this.#isOver = true;
      this.buffer = NO_BYTES;
    } else this.#memory.keep();
    this.#memory.release();
    this.#memory = undefined;
  }

  #look(): void {
    this.#isRead = true;
    if (!this.#isOver) return;
    throw new TypeError(
      `Cannot read message as its handler must not have ended: event "${this.id}" was long, and its memory is used again (keep what text() or bytes() returned)`,
    );
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

/** {@linkcode AwayEvent}. */
export class LaneAwayEvent extends LaneEvent implements AwayEvent {
  readonly type = "away";
  readonly code: number;
  readonly reason: string;
  readonly window: number;

  constructor(
    lane: EventLane,
    number: number,
    redelivered: boolean,
    buffer: Uint8Array,
    start: number,
    end: number,
  ) {
    super(lane, number, redelivered, buffer, start, end);
    const { code, reason, window } = factsIn(buffer.subarray(start, end));
    this.code = typeof code === "number" ? code : 1006;
    this.reason = typeof reason === "string" ? reason : "";
    this.window = typeof window === "number" ? window : 0;
  }
}

/** {@linkcode BackEvent}. */
export class LaneBackEvent extends LaneEvent implements BackEvent {
  readonly type = "back";
  readonly missed: number;
  readonly away: number;

  constructor(
    lane: EventLane,
    number: number,
    redelivered: boolean,
    buffer: Uint8Array,
    start: number,
    end: number,
  ) {
    super(lane, number, redelivered, buffer, start, end);
    const { missed, away } = factsIn(buffer.subarray(start, end));
    this.missed = typeof missed === "number" ? missed : 0;
    this.away = typeof away === "number" ? away : 0;
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
  | LaneRequestEvent
  | LaneAwayEvent
  | LaneBackEvent
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
  const certificate = toClientCertificate(body["certificate"]);
  return toClientRequest(
    target,
    Array.isArray(pairs) ? pairs : [],
    certificate,
  );
}
