/**
 * Hot: messages on their way to clients. A message to many is encoded once for each
 * kind of connection, and the same bytes go to every client.
 *
 * @module
 */
import { NO_BYTES } from "../../base/no_bytes.ts";
import { idOf, Letter } from "../../wire/bodies/typed_frame.ts";
import { Flag } from "../../wire/frame.ts";
import type {
  Connection,
  OutputCodec,
  QueuePolicy,
  SendResult,
} from "../../transport/connection.ts";
import type { Client } from "../clients/client.ts";
import type { Ledger } from "../clients/ledger.ts";
import { PeopleMeter } from "../clients/people_meter.ts";
import type { SlowClients } from "../clients/slow_clients.ts";
import type { Taps } from "./taps.ts";

const MAY_DROP = Flag.DropOldest | Flag.DropNewest;

/** A message on its way to many. */
export interface OutgoingMessage {
  /** Its bytes; kept, so they must never change. */
  readonly payload: Uint8Array;
  /** Bits of {@linkcode Flag}: binary, raw, and what a full queue may do. */
  readonly flags: number;
  /** Connection ids that are left out. */
  readonly exclude?: readonly number[] | undefined;
  /** What the policy `latest` goes by. */
  readonly key?: string | undefined;
}

/** Hands messages to connections and counts what became of them. */
export class FanOut {
  readonly #ledger: Ledger;
  readonly #slow: SlowClients;
  readonly #taps: Taps | undefined;
  /** Measures what people notice. */
  readonly people: PeopleMeter = new PeopleMeter();

  /**
   * @param ledger Counts what is sent and what is dropped.
   * @param slow Is told of clients whose queue dropped something.
   * @param taps Shows what is sent, while anybody taps.
   */
  constructor(ledger: Ledger, slow: SlowClients, taps?: Taps) {
    this.#ledger = ledger;
    this.#slow = slow;
    this.#taps = taps;
  }

  /** Hot: sends `buffer[start, end)` to one client; returns how many were reached. */
  sendToOne(
    client: Client,
    buffer: Uint8Array,
    start: number,
    end: number,
    flags: number,
  ): number {
    const { connection } = client;
    if (connection === undefined) return 0;
    if (client.unansweredSince !== 0) this.people.onFirstAnswer(client);
    const reached = (flags & Flag.Typed) !== 0
      ? this.#sendTyped(client, connection, buffer.slice(start, end))
      : this.#count(
        (flags & Flag.Raw) !== 0
          ? connection.sendRaw(buffer.subarray(start, end))
          : connection.send(buffer, start, end, (flags & Flag.Binary) !== 0),
      );
    if (reached > 0 && this.#taps?.isOn) {
      this.#taps.onSent(client, buffer, start, end, flags);
    }
    return reached;
  }

  /** Sends a message to clients; returns how many were reached. */
  send(
    clients: Iterable<Client | undefined>,
    message: OutgoingMessage,
  ): number {
    const { exclude = [], flags } = message;
    const left = exclude.length > 0 ? new Set(exclude) : undefined;
    const frames = new EncodedOnce(message.payload, flags);
    const isTyped = (flags & Flag.Typed) !== 0;
    const taps = this.#taps?.isOn ? this.#taps : undefined;
    let reached = 0;
    for (const client of clients) {
      const connection = client?.connection;
      if (client === undefined || connection === undefined) continue;
      if (left?.has(client.connectionId)) continue;
      if (isTyped && connection.codec.encodeTyped === undefined) continue;
      const isReached = (flags & MAY_DROP) === 0
        ? this.#count(this.#hand(connection, frames, message))
        : this.#offer(client, connection, frames, message);
      reached += isReached;
      if (taps !== undefined && isReached > 0) {
        taps.onSent(client, message.payload, 0, message.payload.length, flags);
      }
    }
    return reached;
  }

  /** Like {@linkcode FanOut.send}, to several sets; who is in more than one gets one message. */
  sendToSets(
    sets: readonly ReadonlySet<Client>[],
    message: OutgoingMessage,
  ): number {
    const [only] = sets;
    const clients = sets.length === 1 && only !== undefined
      ? only
      : new Set(sets.flatMap((set) => [...set]));
    return this.send(clients, message);
  }

  /**
   * Sends a typed frame; of an answer only if it is waited for, so that each request gets
   * one, also if two workers had it.
   */
  #sendTyped(
    { route: { requests } }: Client,
    connection: Connection,
    payload: Uint8Array,
  ): number {
    const frame = connection.codec.encodeTyped?.(payload);
    if (frame === undefined) return 0;
    const id = idOf(payload, 0, payload.length);
    switch (payload[0]) {
      case Letter.Reply:
      case Letter.BinaryReply:
        if (requests?.settle(id, "answered") !== true) return 0;
        break;
      case Letter.Failure:
        if (requests?.settle(id, "failed") !== true) return 0;
        break;
      case Letter.Part:
        if (requests?.has(id) !== true) return 0;
    }
    return this.#count(connection.sendEncoded(frame));
  }

  #hand(
    connection: Connection,
    frames: EncodedOnce,
    { flags, payload }: OutgoingMessage,
  ): SendResult {
    return (flags & Flag.Raw) !== 0
      ? connection.sendRaw(payload)
      : connection.sendEncoded(frames.for(connection));
  }

  /** Hands over a message that a full queue may drop. */
  #offer(
    client: Client,
    connection: Connection,
    frames: EncodedOnce,
    { flags, key }: OutgoingMessage,
  ): number {
    const before = connection.dropped;
    const result = connection.offer(
      frames.for(connection),
      policyOf(flags),
      key,
    );
    this.#ledger.sent++;
    if (connection.dropped !== before) this.#slow.note(client);
    return result === "dropped" ? 0 : 1;
  }

  #count(result: SendResult): number {
    this.#ledger.sent++;
    if (result !== "dropped") return 1;
    this.#ledger.dropped++;
    return 0;
  }
}

function policyOf(flags: number): QueuePolicy {
  switch (flags & MAY_DROP) {
    case Flag.DropOldest:
      return "drop-oldest";
    case Flag.DropNewest:
      return "drop-newest";
    default:
      return "latest";
  }
}

/** A message, encoded at most once for each codec. */
class EncodedOnce {
  readonly #payload: Uint8Array;
  readonly #binary: boolean;
  readonly #isTyped: boolean;
  #codec: OutputCodec | undefined;
  #frame: Uint8Array | undefined;
  #others: Map<OutputCodec, Uint8Array> | undefined;

  constructor(payload: Uint8Array, flags: number) {
    this.#payload = payload;
    this.#binary = (flags & Flag.Binary) !== 0;
    this.#isTyped = (flags & Flag.Typed) !== 0;
  }

  for({ codec }: Connection): Uint8Array {
    if (codec === this.#codec && this.#frame !== undefined) return this.#frame;
    const known = this.#others?.get(codec);
    const frame = known ?? this.#encode(codec);
    this.#others ??= new Map();
    this.#others.set(codec, frame);
    this.#codec = codec;
    this.#frame = frame;
    return frame;
  }

  #encode(codec: OutputCodec): Uint8Array {
    if (this.#isTyped) return codec.encodeTyped?.(this.#payload) ?? NO_BYTES;
    return codec.encode(this.#payload, this.#binary);
  }
}
