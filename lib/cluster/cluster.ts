import type { Contract } from "../contract/contract.ts";
import type { Labels } from "../wire/bodies/labels.ts";
import type { Session } from "../wire/bodies/session.ts";
import type {
  BindUidOptions,
  CloseOptions,
  FanOutOptions,
  Message,
  QueryOptions,
  SendOptions,
  SendToAllOptions,
  SendToWorkersOptions,
} from "./call_options.ts";
import type { Addressed, AskFaces, NotifyFaces } from "./contract_types.ts";
import type {
  Presence,
  PresenceOf,
  PresenceOptions,
  PresenceState,
} from "./presence_options.ts";
import type {
  ListedRefusal,
  RefusalTarget,
  RefuseOptions,
} from "./refusal_options.ts";
import type {
  AskAnswers,
  AskOptions,
  OnlineOptions,
  Recipients,
} from "./typed_options.ts";

/**
 * Everything that can be asked of a cluster, from a handler or from any program.
 *
 * **Sends** return at once, and `undefined`; with `confirm` they return how many
 * clients were reached. **Calls about one client** return whether it is there: a
 * client that is gone or was never there is no error. **Queries** ask all gateways
 * at the same time; records are plain objects without prototype, so that any uid or
 * group may be a key.
 *
 * A caller's mistake (a `TypeError` or `RangeError`) is thrown at once, before
 * anything is sent, also where the promise is not awaited. A promise that is left
 * alone never becomes an unhandled rejection.
 *
 * A gateway that does not answer within the `queryTimeout` is an error: of one client's
 * gateway a `QueryTimeoutError` or `LinkClosedError`, of several a
 * `PartialResultError` with what the others said. So is one that a Register lists
 * and that there is no link to. Before any Register has told of gateways, as in a
 * handler's `start` event, nothing is sent, and queries reject with
 * `LinkClosedError`.
 */
export interface Cluster {
  /**
   * Sends to every client, or to those listed.
   *
   * @throws {TypeError} If the message is neither a string nor bytes, or a client id is none.
   */
  sendToAll(
    message: Message,
    options?: SendToAllOptions,
  ): Promise<number | undefined>;
  /**
   * Sends to one client.
   *
   * @throws {TypeError} If the client id is not 20 hex digits.
   */
  sendToClient(
    clientId: string,
    message: Message,
    options?: SendOptions,
  ): Promise<number | undefined>;
  /** Sends to the clients of a list, with one frame for each gateway. */
  sendToClients(
    clientIds: readonly string[],
    message: Message,
    options?: FanOutOptions,
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

  /**
   * Says something to workers: each that has the labels is told a `notice` event, this
   * one included if it has them. Each is told once, also where a gateway dies meanwhile:
   * then another one is asked. Of several notices, no order is promised. It goes to
   * workers of this cell only.
   *
   * A worker has taken it when its handler will be told, unless it dies first. For one
   * that does not take it, it is sent again for twice the `queryTimeout` (10 seconds; 20
   * at most), then it is lost: counted, logged, and, with `confirm`, an error. 1,000 or
   * 16 MiB may be on their way.
   *
   * @param to Labels, `"game=chess"` or `{ game: "chess" }`; `{}` is all workers.
   * @returns With `confirm`, how many workers took it.
   * @throws {TypeError} If the labels are none, or the message is neither a string nor
   * bytes; a promise rejects with a `PartialResultError` that names workers which did not
   * take it, and a `LinkFullError` if too many are on their way.
   */
  sendToWorkers(
    to: string | Labels,
    message: Message,
    options?: SendToWorkersOptions,
  ): Promise<number | undefined>;

  /** Sends what is queued, then the message if there is one, then closes. */
  closeClient(
    clientId: string,
    message?: Message,
    options?: CloseOptions,
  ): Promise<boolean>;
  /** Closes every client of a uid as `closeClient` does; returns how many. */
  closeUid(
    uid: string,
    message?: Message,
    options?: CloseOptions,
  ): Promise<number>;
  /**
   * Refuses a uid, a range of addresses or a session, on all gateways, until it ends: who
   * is here is closed with 4010 and cannot come back, who comes is answered with 403. In
   * place of an earlier refusal of the same. Gateways that are started later learn it
   * from workers; it is gone when all gateways and workers are, and other cells are not
   * told.
   *
   * @param target Whom.
   * @returns How many clients were closed.
   * @throws {TypeError} If that is nobody.
   * @throws {RangeError} If until or the reason is out of range; or, later, if 10,000
   * are refused already.
   */
  refuse(target: RefusalTarget, options?: RefuseOptions): Promise<number>;
  /**
   * Takes a refusal back.
   *
   * @param target Whom, as it was refused, or as it is listed.
   * @returns Whether it was refused.
   * @throws {TypeError} If that is nobody.
   */
  allow(target: RefusalTarget): Promise<boolean>;
  /** Lists who may not come in. */
  refusals(options?: QueryOptions): Promise<ListedRefusal[]>;
  /** Ends the connection at once; what is queued is lost. */
  destroyClient(clientId: string): Promise<boolean>;
  /** Says whether a client is connected; or away, unless it must be attached. */
  isOnline(clientId: string, options?: OnlineOptions): Promise<boolean>;
  /**
   * Changes for how long a client may be away before its session ends, counted from when
   * it left; no more than its gateway allows.
   *
   * @returns Whether it is there, and may be away at all.
   * @throws {RangeError} If that is no number of milliseconds.
   */
  setWindow(clientId: string, window: number): Promise<boolean>;

  /**
   * Tells clients that speak `gatewayworker.v1` an event by its name; others get nothing.
   *
   * @param to Whom: `{ client }`, `{ uid }`, `{ group }`, each one or a list, or `{ all: true }`.
   * @param name Which event: 1 to 128 characters, without white space.
   * @param data Anything that JSON carries.
   * @throws {TypeError} If any of these is none.
   */
  notify(
    to: Recipients,
    name: string,
    data?: unknown,
    options?: FanOutOptions,
  ): Promise<number | undefined>;
  /**
   * Tells clients an event of a contract:
   * `cluster.notify(chat).group("lobby").said({ text })`.
   *
   * @param contract What clients and handlers say to each other.
   * @returns Whom it is for; what then is called rejects with a {@linkcode ContractError}
   * if the data does not match.
   */
  notify<Of extends Contract>(
    contract: Of,
  ): Addressed<NotifyFaces<Of["events"]>>;
  /**
   * Asks clients that speak `gatewayworker.v1`, and waits until each has answered, or the
   * time is over. Of each gateway at most 10,000.
   *
   * @param to Whom, as in {@linkcode Cluster.notify}.
   * @param name What is asked: 1 to 128 characters, without white space.
   * @param data Anything that JSON carries.
   * @returns Who answered what, and who did not; that a gateway is silent is no error,
   * but said there.
   * @throws {TypeError} If any of these is none.
   * @throws {RangeError} If the timeout is none.
   */
  ask(
    to: Recipients,
    name: string,
    data?: unknown,
    options?: AskOptions,
  ): Promise<AskAnswers>;
  /**
   * Asks clients by a contract:
   * `cluster.ask(chat).uid("ann").confirm("Sure?", { first: true })`. What they answer is
   * checked, and of each that gave no answer, or none that matches, it is said why.
   *
   * @param contract What clients and handlers say to each other.
   * @returns Whom it is for; what then is called rejects with a {@linkcode ContractError}
   * if the data does not match.
   */
  ask<Of extends Contract>(contract: Of): Addressed<AskFaces<Of["asks"]>>;

  /**
   * Binds a client to a uid, in place of any earlier one. A uid may have many clients.
   *
   * @throws {TypeError} If the uid is empty.
   */
  bindUid(
    clientId: string,
    uid: string,
    options?: BindUidOptions,
  ): Promise<boolean>;
  /** Removes whatever uid a client is bound to. */
  unbindUid(clientId: string): Promise<boolean>;
  /** Says whether a uid has clients. */
  isUidOnline(uid: string, options?: QueryOptions): Promise<boolean>;
  /** Says of each uid whether it has clients. */
  isUidsOnline(
    uids: readonly string[],
    options?: QueryOptions,
  ): Promise<Record<string, boolean>>;
  /** Returns the ids of a uid's clients. */
  getClientIdByUid(uid: string, options?: QueryOptions): Promise<string[]>;
  /** Returns the ids of each uid's clients; an empty list for a uid without. */
  batchGetClientIdByUid(
    uids: readonly string[],
    options?: QueryOptions,
  ): Promise<Record<string, string[]>>;
  /** Returns the uid that a client is bound to; `undefined` if it is gone or has none. */
  getUidByClientId(clientId: string): Promise<string | undefined>;

  /**
   * Puts a client in a group.
   *
   * @throws {TypeError} If the group is empty.
   */
  joinGroup(clientId: string, group: string): Promise<boolean>;
  /** Takes a client out of a group; no error if it is not in it. */
  leaveGroup(clientId: string, group: string): Promise<boolean>;
  /** Takes every client out of a group; they stay connected. Returns how many. */
  ungroup(group: string): Promise<number>;
  /** Returns the groups that a client is in; `undefined` if it is gone. */
  getGroupsByClientId(clientId: string): Promise<string[] | undefined>;
  /** Returns how many members a group has. */
  getClientIdCountByGroup(
    group: string,
    options?: QueryOptions,
  ): Promise<number>;
  /** Returns how many members each group has. */
  batchGetClientIdCountByGroup(
    groups: readonly string[],
    options?: QueryOptions,
  ): Promise<Record<string, number>>;
  /** Returns the ids of the members of one group or of several, each once. */
  getClientIdListByGroup(
    group: string | readonly string[],
    options?: QueryOptions,
  ): Promise<string[]>;
  /** Returns the members' sessions by client id, `{}` for an empty one. */
  getClientSessionsByGroup(
    group: string,
    options?: QueryOptions,
  ): Promise<Record<string, Session>>;
  /** Returns the uids in one group or in several, each once. */
  getUidListByGroup(
    group: string | readonly string[],
    options?: QueryOptions,
  ): Promise<string[]>;
  /** Returns how many uids are in one group or in several, each counted once. */
  getUidCountByGroup(
    group: string | readonly string[],
    options?: QueryOptions,
  ): Promise<number>;
  /** Returns the groups that have members. */
  getAllGroupIdList(options?: QueryOptions): Promise<string[]>;
  /** Returns the uids in every group. */
  getAllGroupUidList(
    options?: QueryOptions,
  ): Promise<Record<string, string[]>>;
  /** Returns how many uids are in every group. */
  getAllGroupUidCount(options?: QueryOptions): Promise<Record<string, number>>;
  /** Returns the ids of every group's members. */
  getAllGroupClientIdList(
    options?: QueryOptions,
  ): Promise<Record<string, string[]>>;
  /** Returns how many members every group has. */
  getAllGroupClientIdCount(
    options?: QueryOptions,
  ): Promise<Record<string, number>>;

  /**
   * Tells who is in a group, or has a uid: users, each with its tabs, and whether it is
   * away. Members come in pages, in the order of their uids; the counts are always whole.
   *
   * Of a group or uid that a worker watches (its option `presence`), every gateway knows
   * all that there is, whoever died: a page costs the same however many there are, users
   * who may come back are there, and away, and each has its state. Of any other, the
   * gateways add up what they have, which is as costly as a list of all its clients, and
   * has no states.
   *
   * @param of A group, or `{ group }` or `{ uid }`.
   * @throws {TypeError} If the name, or `after`, is none.
   * @throws {RangeError} If the limit is none.
   */
  presence(of: PresenceOf, options?: PresenceOptions): Promise<Presence>;
  /**
   * Has a client's user say something of itself in the groups that it is in and that a
   * worker watches, and as a uid that one watches: what was said last counts, whichever
   * of its tabs said it, until the user has left.
   *
   * @param clientId One of its clients.
   * @param state A plain object that JSON carries; `undefined` takes back what was said.
   * @param group Only there; where a worker watches, if left out, also in groups that the
   * client joins later.
   * @returns Whether the client is there, has a uid, and anybody watches.
   * @throws {TypeError} If the client id or the group is none, or JSON does not carry the
   * state.
   * @throws {RangeError} If the state has more than 1,024 bytes as JSON.
   */
  setPresence(
    clientId: string,
    state: PresenceState | undefined,
    group?: string,
  ): Promise<boolean>;

  /** Returns how many clients are connected. */
  getAllClientIdCount(options?: QueryOptions): Promise<number>;
  /** Returns the ids of all clients. */
  getAllClientIdList(options?: QueryOptions): Promise<string[]>;
  /** Returns all sessions by client id, `{}` for an empty one. */
  getAllClientSessions(
    options?: QueryOptions,
  ): Promise<Record<string, Session>>;
  /** Returns the uids that have clients. */
  getAllUidList(options?: QueryOptions): Promise<string[]>;
  /** Returns how many uids have clients; as costly as their list. */
  getAllUidCount(options?: QueryOptions): Promise<number>;

  /** Returns a client's session, `{}` for an empty one; `undefined` if it is gone. */
  getSession(clientId: string): Promise<Session | undefined>;
  /**
   * Replaces a client's session.
   *
   * @throws {TypeError} If a value is nothing that CBOR carries; names the key.
   * @throws {RangeError} If the session is too large.
   */
  setSession(clientId: string, session: Session): Promise<boolean>;
  /**
   * Merges values into a client's session on its gateway in one step, plain objects
   * within plain objects included: keys that are not named stay, lists are replaced.
   *
   * @throws {TypeError} If a value is nothing that CBOR carries; names the key.
   * @throws {RangeError} If the session gets too large.
   */
  updateSession(clientId: string, update: Session): Promise<boolean>;
}
