import type { Message } from "../cluster/call_options.ts";
import type { Session } from "../wire/bodies/session.ts";

/** How a connection ended. */
export interface TestClose {
  /** WebSocket close code. */
  readonly code: number;
  /** What was said why; empty if the client itself said goodbye. */
  readonly reason: string;
}

/** An event that a client was told by its name. */
export interface TestNotice {
  /** Which event. */
  readonly name: string;
  /** What came with it. */
  readonly data: unknown;
}

/** Answers what a client is asked; if it throws, that is told as `failed`. */
export type TestAnswer = (name: string, data: unknown) => unknown;

/** Options for {@linkcode TestClient.request}. */
export interface TestRequestOptions {
  /** Takes the request back when aborted. */
  readonly signal?: AbortSignal;
  /** Is given each part of an answer that streams. */
  readonly onPart?: (value: unknown) => void;
}

/** A client: what WebSocket is for a page, without a socket. */
export interface TestClient {
  /** Its id, as handlers see it. */
  readonly id: string;
  /** The uid that it is bound to, as its gateway knows it. */
  readonly uid: string | undefined;
  /** The groups that it is in, as its gateway knows them. */
  readonly groups: readonly string[];
  /** Its session, as its gateway keeps it. */
  readonly session: Session;
  /** All messages that came, the oldest first: text as a string, binary as bytes. */
  readonly received: readonly Message[];
  /** How its connection ended; `undefined` as long as it has not. */
  readonly closed: TestClose | undefined;
  /**
   * Sends a message.
   *
   * @param message Text, or bytes for a binary message.
   * @returns When the handler is done with it, and what it sent has come.
   * @throws {unknown} What the handler throws.
   * @throws {TypeError} If the handler returns what is no message, or the client has gone.
   * @throws {Deno.errors.TimedOut} If that takes too long.
   */
  send(message: Message): Promise<void>;
  /**
   * Waits for a message.
   *
   * @returns The first one that no call of `next` has returned.
   * @throws {TypeError} If none can come any more, since the client has gone.
   * @throws {Deno.errors.TimedOut} If none comes in time.
   */
  next(): Promise<Message>;
  /** The typed events that came, the oldest first; see `protocol` of `connect`. */
  readonly told: readonly TestNotice[];
  /** Answers what it is asked; without it nothing is answered. */
  onAsk: TestAnswer | undefined;
  /**
   * Asks its handler something, as a client does that speaks `gatewayworker.v1`.
   *
   * @param name What is asked.
   * @param data Anything that JSON carries.
   * @returns The answer.
   * @throws {TestRequestError} If the handler fails, does not answer, or throws: `settled`
   * of the cluster then tells what it threw.
   */
  request(
    name: string,
    data?: unknown,
    options?: TestRequestOptions,
  ): Promise<unknown>;
  /**
   * Tells its handler an event by its name.
   *
   * @param name Which event.
   * @param data Anything that JSON carries.
   * @returns When the handler is done with it.
   * @throws {unknown} What the handler throws.
   */
  notify(name: string, data?: unknown): Promise<void>;
  /**
   * Loses its connection, and may come back.
   *
   * @returns When its `away` event was handled.
   * @throws {unknown} What the handler throws then.
   */
  away(): Promise<void>;
  /**
   * Comes back.
   *
   * @param missed How many frames it is to have missed.
   * @returns When its `back` event was handled.
   * @throws {unknown} What the handler throws then.
   */
  back(missed?: number): Promise<void>;
  /**
   * Says goodbye, as `close` of a WebSocket does: what it sent before is answered.
   *
   * @param code What the handler is told; 1000 if left out. A page that gives no code
   * is 1005.
   * @param reason Why.
   * @returns When its `close` event was handled.
   * @throws {unknown} What the handler throws then.
   */
  close(code?: number, reason?: string): Promise<void>;
  /**
   * Breaks its connection without a word: the handler is told code 1006.
   *
   * @returns When its `close` event was handled.
   * @throws {unknown} What the handler throws then.
   */
  drop(): Promise<void>;
}
