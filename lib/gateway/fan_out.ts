/**
 * Hot: messages on their way to clients. A message to many is encoded once for each
 * kind of connection, and the same bytes go to every client.
 *
 * @module
 */
import { Flag } from "../link/frame.ts";
import type { Connection, OutputCodec } from "../transport/connection.ts";
import type { Client } from "./client.ts";
import type { Ledger } from "./ledger.ts";

/** Hands messages to connections and counts what became of them. */
export class FanOut {
  readonly #ledger: Ledger;

  /** @param ledger Counts what is sent and what is dropped. */
  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Sends `buffer[start, end)` to one client; returns how many were reached. */
  sendToOne(
    client: Client,
    buffer: Uint8Array,
    start: number,
    end: number,
    flags: number,
  ): number {
    const { connection } = client;
    if (connection === undefined) return 0;
    const result = (flags & Flag.Raw) !== 0
      ? connection.sendRaw(buffer.subarray(start, end))
      : connection.send(buffer, start, end, (flags & Flag.Binary) !== 0);
    return this.#count(result !== "dropped");
  }

  /**
   * Sends a message to clients.
   *
   * @param payload Kept: it must never change.
   * @param exclude Connection ids that are left out.
   * @returns How many were reached.
   */
  send(
    clients: Iterable<Client | undefined>,
    payload: Uint8Array,
    flags: number,
    exclude: readonly number[] = [],
  ): number {
    const left = exclude.length > 0 ? new Set(exclude) : undefined;
    const encoded = new EncodedOnce(payload, flags);
    let reached = 0;
    for (const client of clients) {
      const connection = client?.connection;
      if (client === undefined || connection === undefined) continue;
      if (left?.has(client.connectionId)) continue;
      const result = (flags & Flag.Raw) !== 0
        ? connection.sendRaw(payload)
        : connection.sendEncoded(encoded.for(connection));
      reached += this.#count(result !== "dropped");
    }
    return reached;
  }

  /** Like {@linkcode FanOut.send}, to several sets; who is in more than one gets one message. */
  sendToSets(
    sets: readonly ReadonlySet<Client>[],
    payload: Uint8Array,
    flags: number,
    exclude: readonly number[] = [],
  ): number {
    const [only] = sets;
    const clients = sets.length === 1 && only !== undefined
      ? only
      : new Set(sets.flatMap((set) => [...set]));
    return this.send(clients, payload, flags, exclude);
  }

  #count(sent: boolean): number {
    if (sent) this.#ledger.sent++;
    else this.#ledger.dropped++;
    return sent ? 1 : 0;
  }
}

/** A message, encoded at most once for each codec. */
class EncodedOnce {
  readonly #payload: Uint8Array;
  readonly #binary: boolean;
  #codec: OutputCodec | undefined;
  #frame: Uint8Array | undefined;
  #others: Map<OutputCodec, Uint8Array> | undefined;

  constructor(payload: Uint8Array, flags: number) {
    this.#payload = payload;
    this.#binary = (flags & Flag.Binary) !== 0;
  }

  for({ codec }: Connection): Uint8Array {
    if (codec === this.#codec && this.#frame !== undefined) return this.#frame;
    const known = this.#others?.get(codec);
    const frame = known ?? codec.encode(this.#payload, this.#binary);
    this.#others ??= new Map();
    this.#others.set(codec, frame);
    this.#codec = codec;
    this.#frame = frame;
    return frame;
  }
}
