import { refuseCopies } from "../../base/copies.ts";
import { reasonOf } from "../../base/thrown.ts";
import type {
  BindUidOptions,
  CloseOptions,
  Message,
  SendOptions,
} from "../../cluster/call_options.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { JoinEvent, LeaveEvent } from "./presence_events.ts";
import type { WorkerPresenceOptions } from "./presence_options.ts";
import type { PresenceState } from "../../cluster/presence_options.ts";
import type { ClientRequest } from "../../wire/bodies/client_request.ts";
import type { Session } from "../../wire/bodies/session.ts";
import type { NoticeEvent } from "./notice_event.ts";

export type { ClientRequest, JoinEvent, LeaveEvent };

/** The client that an event is about. */
export interface HandlerClient {
  /** Its id: 20 hex digits, valid in the whole cluster while it is connected. */
  readonly id: string;
  /**
   * Its id before, if it came back at another gateway with the session that it had: what
   * is sent to that id finds it for a while, and uids always do.
   */
  readonly previousId: string | undefined;
  /** The uid that it is bound to. */
  readonly uid: string | undefined;
  /** Where it came from, `ip:port`. */
  readonly remoteAddress: string;
  /** Which of its gateway's listeners it came to, counted from 0. */
  readonly listener: number;
  /**
   * What is kept for this client while it is connected. Change it as you like: what
   * the handler leaves in it is stored on the gateway before the client's next event.
   */
  session: Session;
  /**
   * Sends to this client; `raw` as in {@linkcode SendOptions}.
   *
   * @throws {TypeError} If the message is neither a string nor bytes.
   */
  send(message: Message, options?: SendOptions): void;
  /**
   * Sends it a typed event, which nobody answers; a client that does not speak
   * `gatewayworker.v1` gets nothing.
   *
   * @param name Which event: 1 to 128 characters, without white space.
   * @param data Anything that JSON carries.
   * @throws {TypeError} If the name is none, or JSON does not carry the data.
   */
  notify(name: string, data?: unknown): void;
  /**
   * Changes for how long it may be away before its session ends and `close` is raised,
   * counted from when it left.
   *
   * @param window Milliseconds; no more than its gateway's `resume` window counts.
   * @returns Whether it is there, and may be away at all.
   * @throws {RangeError} If that is no number of milliseconds.
   */
  setWindow(window: number): Promise<boolean>;
  /** Sends what is queued, then the message if there is one, then closes. */
  close(message?: Message, options?: CloseOptions): Promise<boolean>;
  /** Ends the connection at once; what is queued is lost. */
  destroy(): Promise<boolean>;
  /** Binds it to a uid, in place of any earlier one. */
  bindUid(uid: string, options?: BindUidOptions): Promise<boolean>;
  /** Removes its uid. */
  unbindUid(): Promise<boolean>;
  /** Puts it in a group. */
  joinGroup(group: string): Promise<boolean>;
  /** Takes it out of a group. */
  leaveGroup(group: string): Promise<boolean>;
  /** Has its user say something of itself; see {@linkcode Cluster.setPresence}. */
  setPresence(
    state: PresenceState | undefined,
    group?: string,
  ): Promise<boolean>;
}

/** What every event about a client has. */
export interface ClientEventFacts {
  /** Stays the same when the event is delivered again: for handlers that must not act twice. */
  readonly id: string;
  /** Whether an earlier worker may have handled it already, in whole or in part. */
  readonly redelivered: boolean;
  /** The client. */
  readonly client: HandlerClient;
}

/** The worker starts; clients' events come after the handler is done with this one. */
export interface StartEvent {
  /** Which event it is. */
  readonly type: "start";
}

/** The worker ends, all other events are handled. */
export interface StopEvent {
  /** Which event it is. */
  readonly type: "stop";
}

/** A client came and can be talked to. */
export interface ConnectEvent extends ClientEventFacts {
  /** Which event it is. */
  readonly type: "connect";
  /** The upgrade request of a WebSocket client; `undefined` for other protocols. */
  readonly request: ClientRequest | undefined;
}

/**
 * A client sent a message. Of a long one, of 2 KiB or more, a handler that has looked at
 * it can look again as long as it runs, and no longer: `text()` still returns what it
 * did, `bytes()` throws then.
 */
export interface ClientMessageEvent extends ClientEventFacts {
  /** Which event it is. */
  readonly type: "message";
  /** Whether the client sent it as binary. */
  readonly binary: boolean;
  /** Returns the message as text. */
  text(): string;
  /** Returns the message as bytes that are the handler's own: to keep, or to change. */
  bytes(): Uint8Array;
  /**
   * Returns the message as bytes where they came, without a copy: to look at, or to
   * send on, which takes half the time of `bytes()` for a long message. They must not
   * be changed, and after the handler's end they are other messages'.
   */
  view(): Uint8Array;
  /**
   * Returns the message parsed as JSON.
   *
   * @throws {SyntaxError} If it is not JSON. Left uncaught, it is logged as a warning.
   */
  json(): unknown;
}

/**
 * A client that speaks `gatewayworker.v1` asks something, or tells an event by its name.
 * What the handler returns is the answer; or it answers itself. If it does neither, the
 * client is told `unknown`, and if it throws `failed`, without details.
 */
export interface RequestEvent extends ClientEventFacts {
  /** Which event it is. */
  readonly type: "request";
  /** What is asked. */
  readonly name: string;
  /** Whether the client waits for an answer; of a typed event it does not. */
  readonly wantsAnswer: boolean;
  /**
   * Aborted when nobody waits for the answer any more: the client took the request back
   * or is gone, the handler ran for too long, or the link or the worker ends.
   */
  readonly signal: AbortSignal;
  /**
   * Returns what came with the request.
   *
   * @throws {SyntaxError} If it is not JSON. Left uncaught, it is logged as a warning.
   */
  data(): unknown;
  /**
   * Answers; what the handler returns counts no more.
   *
   * @param value Anything that JSON carries, or bytes, which arrive as bytes.
   * @throws {TypeError} If it was answered before, or JSON does not carry the value.
   * @throws {LinkFullError} If too much waits to leave for its gateway.
   */
  answer(value?: unknown): void;
  /**
   * Sends a part of an answer that streams; the last word follows by `answer` or what
   * the handler returns.
   *
   * @returns Resolves when more may be sent: a client that does not keep up, or is away,
   * makes those wait that await. Rejects with the signal's reason once it is aborted.
   * @throws {TypeError} If it was answered before, or JSON does not carry the value.
   */
  part(value: unknown): Promise<void>;
  /**
   * Answers that it cannot be done.
   *
   * @param code Why, for programs: lower-case letters, digits and `-`, 64 at most.
   * @param data Anything that JSON carries.
   * @throws {TypeError} If it was answered before, the code is none, or JSON does not
   * carry the data.
   */
  fail(code: string, data?: unknown): void;
  /**
   * Lets the client's next events be handled while this one is still to be answered,
   * by `answer`, `part` and `fail`. Such a request ends with its client or worker: a
   * worker that leaves waits for it as for handlers, and answers `lost` then. It is not
   * repeated if the worker is lost: its client is told `lost`.
   *
   * @param work What it becomes is the answer, what it rejects with is logged.
   * @throws {TypeError} If the handler has ended, or it was answered before.
   * @throws {RangeError} If the worker has too many such requests.
   */
  detach(work?: Promise<unknown>): void;
}

/**
 * A client that speaks `gatewayworker.v1` has lost its connection, and may come back:
 * it keeps its uid and groups, and what is sent to it waits for it.
 */
export interface AwayEvent extends ClientEventFacts {
  /** Which event it is. */
  readonly type: "away";
  /** WebSocket close code; 1006 if the connection just ended. */
  readonly code: number;
  /** What the client or the gateway said why. */
  readonly reason: string;
  /** Milliseconds that it has to come back; then `close` is raised. */
  readonly window: number;
}

/** A client that was away is back. */
export interface BackEvent extends ClientEventFacts {
  /** Which event it is. */
  readonly type: "back";
  /** Frames that were sent to it meanwhile and that it will not get. */
  readonly missed: number;
  /** Milliseconds that it was away. */
  readonly away: number;
}

/** A client is gone. */
export interface ClientCloseEvent extends ClientEventFacts {
  /** Which event it is. */
  readonly type: "close";
  /** WebSocket close code; 1006 if the connection just ended. */
  readonly code: number;
  /** What the client or the gateway said why. */
  readonly reason: string;
}

/**
 * A client does not keep up: its queue dropped messages that may be dropped. Raised
 * at most once a second for a client; never repeated if a worker is lost.
 */
export interface SlowEvent {
  /** Which event it is. */
  readonly type: "slow";
  /** The client. */
  readonly client: HandlerClient;
  /** Messages dropped since the last such event. */
  readonly dropped: number;
  /** Bytes that wait for the client now. */
  readonly queuedBytes: number;
}

/** What a handler is told. */
export type HandlerEvent =
  | StartEvent
  | SlowEvent
  | NoticeEvent
  | ConnectEvent
  | ClientMessageEvent
  | RequestEvent
  | AwayEvent
  | BackEvent
  | ClientCloseEvent
  | JoinEvent
  | LeaveEvent
  | StopEvent;

/**
 * What a handler may return: a message for the client, or nothing. `true` and `false`
 * are nothing, too, since it is what calls about one client return. For JSON, return
 * what `JSON.stringify` does: of an object or a number nothing is sent, and a warning
 * says so.
 */
export type HandlerResult = Message | boolean | void | undefined;

/** A {@linkcode HandlerResult}, now or later. */
export type HandlerReturn = HandlerResult | Promise<HandlerResult>;

/**
 * The user's code: a module's default export. Events of one client come one at a
 * time, in order; those of different clients run concurrently. Whatever it throws
 * is logged and counted; the connection lives on.
 */
export type Handler = (
  event: HandlerEvent,
  cluster: Cluster,
) => HandlerReturn;

/** Callbacks by event, for {@linkcode defineHandler}. */
export interface HandlerCallbacks {
  /**
   * Whose coming and going its workers want to know, unless their own option `presence`
   * says so.
   */
  readonly presence?: WorkerPresenceOptions;
  /** The worker starts. */
  start?(event: StartEvent, cluster: Cluster): HandlerReturn;
  /** A client came. */
  connect?(event: ConnectEvent, cluster: Cluster): HandlerReturn;
  /** A client sent a message. */
  message?(event: ClientMessageEvent, cluster: Cluster): HandlerReturn;
  /** A client asks something: what this returns, or becomes, is the answer. */
  request?(event: RequestEvent, cluster: Cluster): unknown;
  /** A client lost its connection, and may come back. */
  away?(event: AwayEvent, cluster: Cluster): HandlerReturn;
  /** A client is back. */
  back?(event: BackEvent, cluster: Cluster): HandlerReturn;
  /** A client is gone. */
  close?(event: ClientCloseEvent, cluster: Cluster): HandlerReturn;
  /** A user has come to a group or uid that the worker watches. */
  join?(event: JoinEvent, cluster: Cluster): HandlerReturn;
  /** A user is gone from one. */
  leave?(event: LeaveEvent, cluster: Cluster): HandlerReturn;
  /** A client does not keep up. */
  slow?(event: SlowEvent, cluster: Cluster): HandlerReturn;
  /** A worker or a program says something to this worker. */
  notice?(event: NoticeEvent, cluster: Cluster): HandlerReturn;
  /** The worker ends. */
  stop?(event: StopEvent, cluster: Cluster): HandlerReturn;
}

/**
 * Makes a handler of named callbacks, the shape that users of the original's Events
 * class know.
 *
 * @param callbacks One function for each kind of event; those left out do nothing.
 * @returns A handler to export as default.
 *
 * @example
 * ```ts
 * import { defineHandler } from "@gatewayworker/core/worker";
 * import { assertEquals } from "@std/assert";
 *
 * const handler = defineHandler({
 *   message: (event) => event.text().toUpperCase(),
 * });
 * assertEquals(typeof handler, "function");
 * ```
 */
export function defineHandler(callbacks: HandlerCallbacks): Handler {
  const handle: Handler = (event, cluster) => {
    switch (event.type) {
      case "start":
        return callbacks.start?.(event, cluster);
      case "connect":
        return callbacks.connect?.(event, cluster);
      case "message":
        return callbacks.message?.(event, cluster);
      case "request":
        return callbacks.request?.(event, cluster) as HandlerReturn;
      case "away":
        return callbacks.away?.(event, cluster);
      case "back":
        return callbacks.back?.(event, cluster);
      case "close":
        return callbacks.close?.(event, cluster);
      case "join":
        return callbacks.join?.(event, cluster);
      case "leave":
        return callbacks.leave?.(event, cluster);
      case "slow":
        return callbacks.slow?.(event, cluster);
      case "notice":
        return callbacks.notice?.(event, cluster);
      case "stop":
        return callbacks.stop?.(event, cluster);
      default:
        return event satisfies never;
    }
  };
  const { presence } = callbacks;
  return presence === undefined ? handle : Object.assign(handle, { presence });
}

/**
 * Loads a handler module.
 *
 * @param url Absolute URL of the module.
 * @returns Its default export.
 * @throws {TypeError} If the module cannot be loaded, exports no function as default, or
 * brings another copy of this package; the message names the file and what was found.
 */
export async function loadHandler(url: string): Promise<Handler> {
  let module: { default?: unknown };
  try {
    module = await import(url);
  } catch (cause) {
    throw new TypeError(
      `Cannot load handler "${url}": ${reasonOf(cause)}`,
      { cause },
    );
  }
  refuseCopies(`handler "${url}"`);
  if (typeof module.default === "function") return module.default as Handler;
  throw new TypeError(
    `Cannot load handler "${url}" as its default export must be a function: found ${
      "default" in module ? typeof module.default : "no default export"
    }`,
  );
}
