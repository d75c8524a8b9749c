import type { Address } from "../../base/address.ts";
import type { ClientCertificate } from "../../base/client_certificate.ts";
import type { ConnectionListener } from "../connection.ts";
import type { HttpAnswer } from "./http_answer.ts";
import type { RequestHead } from "./http_head.ts";

/** Takes requests that are more than a question for a route. */
export interface Visits {
  /** Whether a request is one of them. */
  wants(head: RequestHead): boolean;
  /**
   * Takes one.
   *
   * @param head What has come of it; its body follows.
   * @param host Its connection.
   * @returns Who takes what follows; nothing if it was answered at once.
   */
  receive(head: RequestHead, host: VisitHost): Visit | undefined;
}

/** A request whose answer takes time. */
export interface Visit {
  /** Bytes of its body that are awaited. */
  readonly wanted: number;
  /** Takes bytes of `buffer[start, end)`; returns how many. */
  take(buffer: Uint8Array, start: number, end: number): number;
  /** All that was said has left. */
  onDrained(): void;
  /** The connection is gone. */
  onEnd(): void;
}

/** The connection of a {@linkcode Visit}. */
export interface VisitHost {
  /** The client's own address, as far as proxies told before the request. */
  readonly client: Address;
  /** The certificate that the client has shown, where it was asked for one. */
  readonly certificate: ClientCertificate | undefined;
  /** Who is told of this connection; it was told nothing yet. */
  readonly guest: ConnectionListener | undefined;
  /** Reads nothing more, and gives it all the time it needs, until it is answered. */
  wait(): void;
  /** Gives it all the time it needs, and goes on reading. */
  stay(): void;
  /** Answers; the next request may follow. */
  reply(answer: HttpAnswer): void;
  /** Answers, and ends: what follows is not read. */
  refuse(answer: HttpAnswer): void;
  /** Sends bytes of an answer. */
  say(bytes: Uint8Array): void;
  /** Ends when all that was said has left. */
  finish(): void;
  /** Ends now. */
  destroy(): void;
}
