import type { Session } from "../link/session.ts";

/** What can be sent: a string goes as text, bytes go as binary. */
export type Message = string | Uint8Array;

/** Options of every call that sends. */
export interface SendOptions {
  /**
   * Wait until each gateway concerned has handed the message to its clients'
   * connections, and return to how many. Otherwise the call returns at once.
   *
   * @default {false}
   */
  readonly confirm?: boolean;
  /**
   * Write the bytes to the client's socket as they are, past the protocol's encoder.
   *
   * @default {false}
   */
  readonly raw?: boolean;
}

/** Options of the calls that send to many. */
export interface FanOutOptions extends SendOptions {
  /** Client ids that are left out. */
  readonly exclude?: string | readonly string[];
}

/** Options for {@linkcode Cluster.sendToAll}. */
export interface SendToAllOptions extends FanOutOptions {
  /** Only these clients; an empty list is nobody. Everybody if absent. */
  readonly clientIds?: readonly string[];
}

/** Options for {@linkcode Cluster.closeClient}. */
export interface CloseOptions {
  /** WebSocket close code: 1000, or 3000 to 4999. */
  readonly code?: number;
  /** Reason for the client, at most 123 bytes of UTF-8. */
  readonly reason?: string;
}

/**
 * Everything that can be asked of a cluster, from a handler or from any program.
 *
 * Calls that send return how many clients were reached if `confirm` was given, and
 * `undefined` otherwise. Calls about one client return whether it is there: an
 * unknown client is no error. A gateway that does not answer in time is one
 * (`QueryTimeoutError`, `LinkClosedError`; of several, `PartialResultError`).
 */
export interface Cluster {
  /**
   * Sends to every client, or to those listed.
   *
   * @throws {TypeError} If the message is neither a string nor bytes.
   */
  sendToAll(
    message: Message,
    options?: SendToAllOptions,
  ): Promise<number | undefined>;
  /**
   * Sends to one client. One that is gone is no error.
   *
   * @throws {TypeError} If the client id is not 20 hex digits.
   */
  sendToClient(
    clientId: string,
    message: Message,
    options?: SendOptions,
  ): Promise<number | undefined>;
  /**
   * Sends to every client of one uid or of several.
   *
   * @throws {TypeError} If a uid is empty.
   */
  sendToUid(
    uid: string | readonly string[],
    message: Message,
    options?: FanOutOptions,
  ): Promise<number | undefined>;
  /**
   * Sends to every member of one group or of several. A client in two of them gets
   * one message (the original sends two). A list in place of the options names the
   * client ids to leave out.
   *
   * @throws {TypeError} If a group is empty.
   */
  sendToGroup(
    group: string | readonly string[],
    message: Message,
    options?: FanOutOptions | readonly string[],
  ): Promise<number | undefined>;
  /** Sends what is queued, then the message if there is one, then closes. */
  closeClient(
    clientId: string,
    message?: Message,
    options?: CloseOptions,
  ): Promise<boolean>;
  /** Ends the connection at once; what is queued is lost. */
  destroyClient(clientId: string): Promise<boolean>;
  /** Says whether a client is connected. */
  isOnline(clientId: string): Promise<boolean>;
  /**
   * Binds a client to a uid, in place of any earlier one. A uid may have many clients.
   *
   * @throws {TypeError} If the uid is empty.
   */
  bindUid(clientId: string, uid: string): Promise<boolean>;
  /** Removes whatever uid a client is bound to. */
  unbindUid(clientId: string): Promise<boolean>;
  /**
   * Puts a client in a group.
   *
   * @throws {TypeError} If the group is empty.
   */
  joinGroup(clientId: string, group: string): Promise<boolean>;
  /** Takes a client out of a group; no error if it is not in it. */
  leaveGroup(clientId: string, group: string): Promise<boolean>;
  /** Returns a client's session; `undefined` if the client is gone. */
  getSession(clientId: string): Promise<Session | undefined>;
  /**
   * Replaces a client's session.
   *
   * @throws {TypeError} If a value is nothing that CBOR carries.
   * @throws {RangeError} If the session is too large.
   */
  setSession(clientId: string, session: Session): Promise<boolean>;
  /**
   * Merges values into a client's session on its gateway, maps within maps
   * included: keys that are not named stay.
   *
   * @throws {TypeError} If a value is nothing that CBOR carries.
   * @throws {RangeError} If the session gets too large.
   */
  updateSession(clientId: string, update: Session): Promise<boolean>;
}
