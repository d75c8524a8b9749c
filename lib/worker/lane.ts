/**
 * Hot: the events of one client, which run one after another.
 *
 * @module
 */
import { Deque } from "../base/deque.ts";
import { isPromise } from "../base/is_promise.ts";
import type { Message } from "../cluster/call_options.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { encodeBody } from "../wire/body.ts";
import type { ClientState } from "../wire/bodies/client_state.ts";
import { checkRequestName } from "../cluster/typed_arguments.ts";
import { KNOWS_SESSIONS } from "../link/link_version.ts";
import { NO_ANSWER_ID } from "../wire/bodies/typed_frame.ts";
import { requestText } from "../wire/bodies/typed_text.ts";
import { Command } from "../wire/command.ts";
import { Flag } from "../wire/frame.ts";
import type { Link } from "../link/link.ts";
import type { AnyLaneEvent } from "./events/events.ts";
import type { Handler, HandlerClient } from "./handler/handler.ts";
import { HandlerLog } from "./handler/handler_log.ts";
import { mistakenResult } from "./handler/handler_result.ts";
import { LaneClient } from "./lane_client.ts";
import { LaneSession, type SentChange } from "./lane_session.ts";
import type { OpenRequests } from "./events/open_requests.ts";
import type { TracedHandler } from "./handler/traced_handler.ts";

const log = new HandlerLog();

/** Milliseconds to wait for a gateway to confirm a session. */
const SAVE_TIMEOUT = 30_000;

/** What a lane needs of the link that its client's gateway is on. */
export interface LaneOwner {
  /** The link. */
  readonly link: Link;
  /** The user's code. */
  readonly handler: Handler;
  /** What the handler is given. */
  readonly cluster: Cluster;
  /** Whether no further event may begin: another worker may be told it. */
  readonly isSuspended: boolean;
  /** Whether what is sent finds room on the link; if not, the lane is resumed when it does. */
  mayPass(lane: Lane): boolean;
  /** An event is done. */
  onDone(lane: Lane, event: AnyLaneEvent, sequence: number): void;
  /** The requests of the link's clients that are not answered. */
  readonly requests: Pick<OpenRequests, "cancel">;
  /** Follows events that are traced; not there unless the runtime traces. */
  readonly traces?: TracedHandler | undefined;
  /** A handler threw. */
  onThrown(): void;
  /** A handler ran for too long. */
  onTimedOut(): void;
}

/** An event, and its number on the link; 0 if it did not come on one. */
interface QueuedEvent {
  readonly event: AnyLaneEvent;
  readonly sequence: number;
}

/** An event whose handler has not finished. */
interface RunningEvent extends QueuedEvent {
  /** When {@linkcode Lane.expire} found it running first, by its caller's time. */
  since?: number;
}

/** What a handler returned, for which there is no room on the link yet. */
interface Result {
  readonly running: RunningEvent;
  readonly value: unknown;
}

/** One client of this worker. */
export class Lane {
  readonly #owner: LaneOwner;
  readonly #queue = new Deque<QueuedEvent>();
  #running: RunningEvent | undefined;
  #held: Result | undefined;
  /** Whether its session has so many changes on their way that the next event waits. */
  #isSessionFull = false;
  #client: HandlerClient | undefined;
  #session: LaneSession | undefined;
  /** The client's number on its gateway. */
  readonly connectionId: number;
  /** The client's id. */
  readonly clientId: string;
  /** What its gateway last told of it. */
  state: ClientState | undefined;
  /** Whether its close event came. */
  isClosing = false;

  constructor(connectionId: number, clientId: string, owner: LaneOwner) {
    this.connectionId = connectionId;
    this.clientId = clientId;
    this.#owner = owner;
  }

  /** The client as the handler sees it. */
  get client(): HandlerClient {
    this.#client ??= new LaneClient(this, this.#owner.cluster);
    return this.#client;
  }

  /** The session as the handler sees it. */
  get session(): LaneSession {
    if (this.#session === undefined) {
      this.#session = new LaneSession();
      this.#session.adopt(this.state?.session);
    }
    return this.#session;
  }

  /** The gateway told what it knows of the client. */
  adopt(state: ClientState): void {
    this.state = state;
    this.#session?.adopt(state.session);
  }

  /** The gateway did as the handler asked. */
  see(uid: string | undefined): void {
    if (this.state !== undefined) this.state = { ...this.state, uid };
  }

  /** An event came: it runs when those before it are done. */
  push(event: AnyLaneEvent, sequence: number): void {
    if (event.type === "close") {
      this.isClosing = true;
      this.#owner.requests.cancel(this.connectionId, 0);
    }
    if (
      this.#running !== undefined || this.#isSessionFull ||
      this.#queue.length > 0 || !this.#owner.mayPass(this)
    ) {
      this.#queue.push({ event, sequence });
    } else this.#run(event, sequence);
  }

  /** Goes on with what waited while nothing could be sent, or no event begin. */
  resume(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#finishRunning(held.running, held.value);
    this.#runQueue();
  }

  /**
   * Goes on without a handler that has run for too long: what it returns, and what
   * it leaves in the session, no longer counts.
   *
   * @param timeout Milliseconds that a handler may run.
   * @param time The time now, without what this process stood still.
   */
  expire(timeout: number, time: number): void {
    const running = this.#running;
    if (running === undefined || this.#held !== undefined) return;
    running.since ??= time;
    if (time - running.since < timeout) return;
    this.#owner.onTimedOut();
    log.timedOut(running.event.type, this.clientId, timeout);
    if (running.event.type === "request") running.event.giveUp("timeout");
    this.#running = undefined;
    this.#session?.discard();
    this.#owner.onDone(this, running.event, running.sequence);
    this.#runQueue();
  }

  /**
   * Sends a message to the client.
   *
   * @throws {TypeError} If it is neither a string nor bytes.
   * @throws {RangeError} If it is too long for any link.
   */
  send(message: Message): void {
    const { link } = this.#owner;
    if (typeof message !== "string" && !(message instanceof Uint8Array)) {
      throw new TypeError(
        `Cannot send message as it must be a string or a Uint8Array: found ${
          message === null ? "null" : typeof message
        }`,
      );
    }
    if (!link.isOpen) return;
    if (link.isFull) {
      // Counts and logs what this link does not take.
      void this.#owner.cluster.sendToClient(this.clientId, message);
      return;
    }
    const flags = typeof message === "string" ? 0 : Flag.Binary;
    link.sendMessage(Command.SendToOne, this.connectionId, 0, message, flags);
  }

  /**
   * Sends the client a typed event; what knows none is sent nothing.
   *
   * @throws {TypeError} If the name is none, or JSON does not carry the data.
   */
  notify(name: string, data: unknown): void {
    const { link, cluster } = this.#owner;
    const text = requestText(NO_ANSWER_ID, checkRequestName(name), data);
    if (!link.isOpen || link.peer.version < KNOWS_SESSIONS) return;
    if (link.isFull) {
      void cluster.notify({ client: this.clientId }, name, data);
      return;
    }
    const { connectionId } = this;
    link.sendMessage(Command.SendToOne, connectionId, 0, text, Flag.Typed);
  }

  #run(event: AnyLaneEvent, sequence: number): void {
    const { handler, cluster } = this.#owner;
    if (event.type === "request" && event.isCancelled) {
      return this.#finish(event, sequence, undefined);
    }
    let result: unknown;
    try {
      result = handler(event, cluster);
      if (isPromise(result)) {
        this.#running = { event, sequence };
        void this.#finishLater(result, this.#running);
        return;
      }
    } catch (error) {
      this.#fail(event, error);
      result = undefined;
    }
    this.#finish(event, sequence, result);
  }

  async #finishLater(
    result: PromiseLike<unknown>,
    running: RunningEvent,
  ): Promise<void> {
    let value: unknown;
    try {
      value = await result;
    } catch (error) {
      this.#fail(running.event, error);
    }
    if (this.#running !== running) return;
    if (!this.#owner.mayPass(this)) {
      this.#held = { running, value };
      return;
    }
    this.#finishRunning(running, value);
    this.#runQueue();
  }

  #finishRunning({ event, sequence }: RunningEvent, value: unknown): void {
    this.#running = undefined;
    this.#finish(event, sequence, value);
  }

  #runQueue(): void {
    while (
      this.#running === undefined && !this.#isSessionFull &&
      !this.#owner.isSuspended
    ) {
      if (this.#queue.length > 0 && !this.#owner.mayPass(this)) return;
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#run(next.event, next.sequence);
    }
  }

  #finish(event: AnyLaneEvent, sequence: number, result: unknown): void {
    if (event.type !== "close") {
      this.#answer(event, result);
      this.#saveSession();
    }
    event.finish();
    this.#owner.onDone(this, event, sequence);
  }

  #answer(event: AnyLaneEvent, result: unknown): void {
    if (result === undefined && event.type !== "request") return;
    const { traces } = this.#owner;
    if (traces === undefined) return this.#say(event, result);
    traces.answer(event, () => this.#say(event, result));
  }

  #say(event: AnyLaneEvent, result: unknown): void {
    try {
      if (event.type === "request") return event.onHandled(result);
      if (typeof result === "string" || result instanceof Uint8Array) {
        return this.send(result);
      }
      const found = mistakenResult(result);
      if (found !== undefined) {
        log.sentNothing(event.type, this.clientId, found);
      }
    } catch (error) {
      this.#fail(event, error);
    }
  }

  #saveSession(): void {
    const session = this.#session;
    if (session === undefined) return;
    try {
      const change = session.takeChange();
      if (change !== undefined) this.#sendChange(session, change);
    } catch (error) {
      log.notStored(this.clientId, error);
    }
  }

  #sendChange(session: LaneSession, { set, remove }: SentChange): void {
    const { link } = this.#owner;
    if (!link.isOpen) return session.settle();
    const id = link.pending.watch(
      SAVE_TIMEOUT,
      (error) => this.#confirmSession(session, error),
    );
    const version = this.state?.version ?? 0;
    const head = encodeBody({ version, set, remove });
    link.sendHeaded(Command.SaveSession, this.connectionId, id, head);
    if (this.state !== undefined) {
      this.state = { ...this.state, version: version + 1 };
    }
    this.#isSessionFull = session.isFull;
  }

  #confirmSession(session: LaneSession, error: Error | undefined): void {
    const isLinked = this.#owner.link.isOpen;
    if (!isLinked) session.settle();
    else session.confirm(error === undefined ? "stored" : "refused");
    if (error !== undefined && isLinked) log.notStored(this.clientId, error);
    if (!this.#isSessionFull || session.isFull) return;
    this.#isSessionFull = false;
    if (isLinked) this.#runQueue();
  }

  #fail(event: AnyLaneEvent, error: unknown): void {
    if (event.type === "request" && !event.onThrown(error)) return;
    this.#owner.onThrown();
    log.threw(event.type, this.clientId, error);
  }
}
