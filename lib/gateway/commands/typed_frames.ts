import { idOf, Letter, NO_ANSWER_ID } from "../../wire/bodies/typed_frame.ts";
import type { CloseReason } from "../../transport/connection.ts";
import { broken } from "../../transport/lasting/reasons.ts";
import type { Asks } from "./asks.ts";
import type { Client } from "../clients/client.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { Flag } from "../../wire/frame.ts";
import type { GivenRequest } from "../../wire/bodies/claim.ts";
import {
  type AskedWorker,
  ClientRequests,
  RequestCounts,
} from "../workers/client_requests.ts";
import type { Presence } from "../presence/presence.ts";
import { ShownNames } from "../presence/shown_names.ts";
import type { FanOut } from "./fan_out.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { Taps } from "./taps.ts";

/** Requests that are refused in a row, while none is answered; then the client is closed. */
export const MAX_REFUSED = 1_000;

/** Two requests by one id would count as one, however many there are. */
const SAME_ID = broken("the id of a request is that of another one");

/** What {@linkcode TypedFrames} work with. */
export interface TypedFramesParts {
  /** Takes answers. */
  readonly asks: Pick<Asks, "onAnswer">;
  /** Brings requests to workers. */
  readonly delivery: Pick<Delivery, "takeRequest">;
  /** Most requests of one client that wait for their answers. */
  readonly maxPendingRequests: number;
  /** What a client is told that asks on and on. */
  readonly tooFast: CloseReason;
  /** Clients that have moved away. */
  readonly elsewhere: Pick<Elsewhere, "send">;
  /** Who is where: it answers what clients ask of that. */
  readonly presence: Presence;
  /** Sends to clients. */
  readonly fanOut: FanOut;
  /** Shows what is sent, while anybody taps. */
  readonly taps?: Taps;
}

/** What clients say in typed frames: requests, that they want no answer any more, and answers. */
export class TypedFrames {
  readonly #delivery: Pick<Delivery, "takeRequest">;
  readonly #asks: Pick<Asks, "onAnswer">;
  readonly #limit: number;
  readonly #tooFast: CloseReason;
  readonly #elsewhere: Pick<Elsewhere, "send">;
  readonly #shown: ShownNames;
  readonly #taps: Taps | undefined;
  /** What became of requests. */
  readonly counts: RequestCounts = new RequestCounts();

  /** Takes the typed frames of one gateway's clients. */
  constructor(
    {
      delivery,
      asks,
      maxPendingRequests,
      tooFast,
      elsewhere,
      presence,
      fanOut,
      taps,
    }: TypedFramesParts,
  ) {
    this.#taps = taps;
    this.#elsewhere = elsewhere;
    this.#shown = new ShownNames(
      presence,
      (clients, payload) =>
        void fanOut.send(clients, { payload, flags: Flag.Typed }),
    );
    this.#tooFast = tooFast;
    this.#delivery = delivery;
    this.#asks = asks;
    this.#limit = maxPendingRequests;
  }

  /** A typed frame came: `buffer[start, end)`. */
  take(client: Client, buffer: Uint8Array, start: number, end: number): void {
    switch (buffer[start]) {
      case Letter.Request:
        if (this.#shown.take(client, buffer, start, end)) return;
        return this.#onRequest(client, buffer, start, end);
      case Letter.Cancel:
        return client.route.requests?.cancel(idOf(buffer, start, end));
      case Letter.Reply:
      case Letter.BinaryReply:
      case Letter.Failure:
        return this.#asks.onAnswer(client, buffer, start, end);
      default:
        // Part of an answer: who asks clients gets whole ones.
    }
  }

  #onRequest(
    client: Client,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const { route } = client;
    const id = idOf(buffer, start, end);
    if (id !== NO_ANSWER_ID) {
      const requests = route.requests ??= this.#requestsOf(client);
      if (requests.has(id)) return client.connection?.close(SAME_ID);
      if (requests.size >= this.#limit) return this.#refuse(client, id);
      // The number that the delivery is about to give it.
      requests.add(id, route.eventNumber + 1);
    }
    this.#delivery.takeRequest(route, buffer, start, end);
  }

  /** To refuse costs as much as to take: who goes on is sent away, and may come back slower. */
  #refuse({ connection, route: { requests } }: Client, id: string): void {
    if (requests === undefined || connection?.isOpen !== true) return;
    if (requests.refused >= MAX_REFUSED) connection.close(this.#tooFast);
    else requests.refuse(id);
  }

  /** Notes requests that a client has asked at another gateway, and that one answers. */
  adopt(
    client: Client,
    requests: readonly GivenRequest[],
    worker: AskedWorker,
  ): void {
    if (requests.length === 0) return;
    const { route } = client;
    route.requests = this.#requestsOf(client);
    for (const request of requests) route.requests.adopt(request, worker);
  }

  #requestsOf(client: Client): ClientRequests {
    const { connectionId } = client;
    const { counts } = this;
    return new ClientRequests({
      connectionId,
      counts,
      say: (frame) => {
        const { connection } = client;
        if (connection === undefined) {
          this.#elsewhere.send(connectionId, frame, Flag.Typed);
        }
        const encoded = connection?.codec.encodeTyped?.(frame);
        if (encoded === undefined) return;
        connection?.sendEncoded(encoded);
        if (!this.#taps?.isOn) return;
        this.#taps.onSent(client, frame, 0, frame.length, Flag.Typed);
      },
    });
  }
}
