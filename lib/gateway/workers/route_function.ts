import type { Labels } from "../../wire/bodies/labels.ts";
import type { ClientRequest } from "../../wire/bodies/client_request.ts";

/** A client for which a worker is chosen. */
export interface RouteEvent {
  /** Its id: 20 hex digits. */
  readonly clientId: string;
  /** The uid that it is bound to. */
  readonly uid: string | undefined;
  /** Where it came from, `ip:port`. */
  readonly remoteAddress: string;
  /** Which of the gateway's listeners it came to, counted from 0. */
  readonly listener: number;
  /** Its upgrade request; `undefined` for protocols other than WebSocket. */
  readonly request: ClientRequest | undefined;
  /** The labels that `authorize` granted it. */
  readonly worker: Labels | undefined;
}

/** A worker that may be chosen. */
export interface RouteWorker {
  /** Differs for every start of a worker. */
  readonly id: string;
  /** Its name, for people. */
  readonly name: string;
  /** Where it comes from, `host:port`. */
  readonly address: string;
  /** What it is told apart by. */
  readonly labels: Labels;
  /** How many clients it wants, as a multiple of others. */
  readonly weight: number;
  /** Clients of this gateway that are its own. */
  readonly clients: number;
}

/**
 * Chooses the worker of a client: when its first event is there, when its worker has
 * gone or leaves, and when it gets another uid. It is called for each such client, so
 * it must be quick, and cannot wait for anything.
 *
 * @param event The client.
 * @param workers Those that take clients; one at least.
 * @returns One of them; `undefined` lets the client wait until another worker comes.
 * Whatever else, or to throw, is logged, and then whoever has fewest gets it.
 */
export type RouteFunction = (
  event: RouteEvent,
  workers: readonly RouteWorker[],
) => RouteWorker | undefined;
