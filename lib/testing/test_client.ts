import type { Message } from "../cluster/call_options.ts";
import type { Session } from "../wire/bodies/session.ts";

/** How a connection ended. */
export interface TestClose {
  /** WebSocket close code. */
  readonly code: number;
  /** What was said why; empty if the client itself said goodbye. */
  readonly reason: string;
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
