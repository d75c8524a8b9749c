/**
 * Hot: one client of this gateway, with everything that the gateway knows of it.
 *
 * @module
 */
import { now } from "../../base/clock.ts";
import { encodeBody } from "../../wire/body.ts";
import {
  type ClientState,
  encodeClientState,
} from "../../wire/bodies/client_state.ts";
import { Command } from "../../wire/command.ts";
import { Flag } from "../../wire/frame.ts";
import type {
  Connection,
  ConnectionListener,
  Refusal,
  UpgradeRequest,
} from "../../transport/connection.ts";
import type { GrantedLimits } from "./limits_options.ts";
import { Route } from "../workers/route.ts";
import type { Wish } from "../workers/wish.ts";

/** Who takes the events of clients. */
export interface EventTaker {
  /** Takes a message: `buffer[start, end)`, copied. */
  takeMessage(
    route: Route,
    flags: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void;
  /** Takes a typed frame: `buffer[start, end)`, copied. */
  takeTyped?(
    client: Client,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void;
  /** The client says what its next frame is part of; not there where nobody traces. */
  onTrace?: ((route: Route, traceparent: string) => void) | undefined;
  /** The client has come with a request; not there where nobody traces. */
  onUpgrade?: ((route: Route, request: UpgradeRequest) => void) | undefined;
  /** Takes a connect, away, back or close event. */
  takeEvent(route: Route, command: number, payload: Uint8Array): void;
  /** Decides whether a client may come in; see {@linkcode ConnectionListener}. */
  authorize?(
    client: Client,
    request: UpgradeRequest,
    remoteAddress: string,
    credential?: unknown,
    token?: string,
  ): Promise<Refusal | undefined> | undefined;
  /** Whether a newcomer that shows its token may go on as this client. */
  mayReturn?(client: Client, newcomer: Client): boolean;
  /** The client shows another credential. */
  onCredential?(client: Client, credential: unknown): void;
  /** The client is away. */
  onClientAway?(client: Client): void;
  /** The client is back; it may have missed something. */
  onClientBack?(client: Client): void;
  /** The client can be sent to. */
  onClientOpen(client: Client): void;
  /** The client's connection is over. */
  onClientClosed(client: Client): void;
}

/** One client. Fields are changed by the table and the dispatcher. */
export class Client implements ConnectionListener {
  readonly #taker: EventTaker;
  /** Which listener it came to. */
  readonly listener: number;
  /** When it came, in seconds of `now()`. */
  readonly since: number = Math.floor(now() / 1000);
  /** Where its events go, and what they wait for. */
  readonly route: Route;
  /** How it is sent to; `undefined` before the handshake and after the end. */
  connection: Connection | undefined;
  /** Where it came from, `ip:port`. */
  remoteAddress = "";
  /** The uid that it is bound to. */
  uid: string | undefined;
  /** The groups that it is in. */
  groups: Set<string> | undefined;
  /** Its session as CBOR; `undefined` if empty. */
  session: Uint8Array<ArrayBuffer> | undefined;
  /** What `authorize` allows it, in place of the limits of its uid. */
  limits: GrantedLimits | undefined;
  /** What its worker is chosen by, as far as it said so. */
  wish: Wish | undefined;
  /** Its id at the gateway that it has come from, if there was one. */
  previousId: string | undefined;
  /** Whether its socket is gone and its session is not. */
  isAway = false;
  /**
   * When it came, in milliseconds of `now()`, for as long as it was sent nothing of its
   * own; then 0, as for one that has come from another gateway.
   */
  unansweredSince = 0;
  /** Looks of the heartbeat since its last message; −1 if there was none yet. */
  silentLooks = -1;
  /** Pings since its last sign of life; the heartbeat's. */
  unansweredPings = 0;
  /** What its connection's activity was at the last look; the heartbeat's. */
  seenActivity = 0;

  /** Creates the client of an accepted connection. */
  constructor(connectionId: number, listener: number, taker: EventTaker) {
    this.route = new Route(connectionId, this);
    this.listener = listener;
    this.#taker = taker;
  }

  /** Its number on this gateway. */
  get connectionId(): number {
    return this.route.connectionId;
  }

  /** What a worker is told of it. */
  get state(): Uint8Array {
    const state: ClientState = {
      version: this.route.stateVersion,
      session: this.session,
      uid: this.uid,
      remoteAddress: this.remoteAddress,
      listener: this.listener,
      previousId: this.previousId,
    };
    return encodeClientState(state);
  }

  /** It asks to come in. */
  onRequest(
    request: UpgradeRequest,
    remoteAddress: string,
    credential?: unknown,
    token?: string,
  ): Promise<Refusal | undefined> | undefined {
    const { authorize } = this.#taker;
    return authorize?.(this, request, remoteAddress, credential, token);
  }

  /** The connection can be sent to. */
  onOpen(connection: Connection, request: UpgradeRequest | undefined): void {
    this.connection = connection;
    this.remoteAddress = connection.remoteAddress;
    this.#taker.onClientOpen(this);
    if (request !== undefined) this.#taker.onUpgrade?.(this.route, request);
    const payload = encodeBody(request === undefined ? {} : bodyOf(request));
    this.#taker.takeEvent(this.route, Command.Connect, payload);
  }

  /** A message came. */
  onMessage(
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): void {
    this.silentLooks = -1;
    this.#taker.takeMessage(
      this.route,
      binary ? Flag.Binary : 0,
      buffer,
      start,
      end,
    );
  }

  /** A typed frame came. */
  onTyped(buffer: Uint8Array, start: number, end: number): void {
    this.silentLooks = -1;
    this.#taker.takeTyped?.(this, buffer, start, end);
  }

  /** What its next frame is part of. */
  get onTrace(): ((traceparent: string) => void) | undefined {
    const { onTrace } = this.#taker;
    return onTrace && ((traceparent) => onTrace(this.route, traceparent));
  }

  /** The client's socket is gone, and it may come back. */
  onAway(code: number, reason: string, window: number): void {
    this.isAway = true;
    this.#taker.onClientAway?.(this);
    const payload = encodeBody({ code, reason, window });
    this.#taker.takeEvent(this.route, Command.Away, payload);
  }

  /** The client is back. */
  onBack(missed: number, away: number): void {
    this.isAway = false;
    const { remoteAddress = "" } = this.connection ?? {};
    if (remoteAddress !== this.remoteAddress) {
      this.remoteAddress = remoteAddress;
      this.changeState({});
    }
    this.#taker.onClientBack?.(this);
    const payload = encodeBody({ missed, away });
    this.#taker.takeEvent(this.route, Command.Back, payload);
  }

  /** The client has said goodbye. */
  onLeaving(answered: () => void): boolean {
    return this.route.seeOff(answered);
  }

  /** Whether a newcomer that shows its token may go on as this client. */
  onReturn(newcomer: ConnectionListener): boolean {
    return newcomer instanceof Client &&
      this.#taker.mayReturn?.(this, newcomer) !== false;
  }

  /** It shows another credential. */
  onCredential(credential: unknown): void {
    this.#taker.onCredential?.(this, credential);
  }

  /** Asks when its workers have handled all that came so far. */
  onCheckpoint(tell: (isHandled: boolean) => void): void {
    this.route.checkpoint(tell);
  }

  /** The connection is over. */
  onClose(code: number, reason: string): void {
    this.connection = undefined;
    this.route.end();
    this.#taker.onClientClosed(this);
    this.#taker.takeEvent(
      this.route,
      Command.Close,
      encodeBody({ code, reason }),
    );
  }

  /** Replaces session or uid; every worker but the one that did it must be told. */
  changeState(
    change: { session?: Client["session"]; uid?: Client["uid"] },
  ): void {
    if ("session" in change) this.session = change.session;
    if ("uid" in change) this.uid = change.uid;
    this.route.stateVersion++;
  }
}

function bodyOf({ target, headers, certificate }: UpgradeRequest) {
  return { target, headers, ...(certificate && { certificate }) };
}
