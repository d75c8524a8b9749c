/**
 * Hot: one client of this gateway, with everything that the gateway knows of it.
 *
 * @module
 */
import { now } from "../../base/clock.ts";
import { Deque } from "../../base/deque.ts";
import { ENTRY_COST } from "../../base/entry_cost.ts";
import { encodeBody } from "../../wire/body.ts";
import {
  type ClientState,
  encodeClientState,
} from "../../wire/bodies/client_state.ts";
import { Command } from "../../wire/command.ts";
import { Flag } from "../../wire/frame.ts";
import type { LoggedEvent } from "../../wire/logged_event.ts";
import type {
  Connection,
  ConnectionListener,
  Refusal,
  UpgradeRequest,
} from "../../transport/connection.ts";
import type { WorkerLink } from "../delivery/worker_link.ts";

/** An event that is kept until it can be sent to a worker. */
export type KeptEvent = LoggedEvent;

/** What a kept event counts for. */
export function costOf({ payload }: KeptEvent): number {
  return payload.length + ENTRY_COST;
}

/** Who takes the events of clients. */
export interface EventTaker {
  /** Takes a message: `buffer[start, end)`, copied. */
  takeMessage(
    client: Client,
    flags: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void;
  /** Takes a connect or close event. */
  takeEvent(client: Client, command: number, payload: Uint8Array): void;
  /** Decides whether a client may come in; see {@linkcode ConnectionListener}. */
  authorize?(
    client: Client,
    request: UpgradeRequest,
    remoteAddress: string,
  ): Promise<Refusal | undefined> | undefined;
  /** The client can be sent to. */
  onClientOpen(client: Client): void;
  /** The client said goodbye; see {@linkcode ConnectionListener}. */
  onClientLeaving?(client: Client, answered: () => void): boolean;
  /** The client's connection is over. */
  onClientClosed(client: Client): void;
}

/** Events of one client that wait, oldest first. */
export class WaitingEvents {
  readonly #events = new Deque<KeptEvent>();
  /** What all of them count for. */
  cost = 0;
  /** When the first began to wait for a worker; `now()`. */
  since = 0;

  /** How many wait. */
  get length(): number {
    return this.#events.length;
  }

  /** The oldest. */
  get first(): KeptEvent | undefined {
    return this.#events.first;
  }

  /** Adds the newest. */
  push(event: KeptEvent): void {
    this.cost += costOf(event);
    this.#events.push(event);
  }

  /** Takes the oldest. */
  shift(): KeptEvent | undefined {
    const event = this.#events.shift();
    if (event !== undefined) this.cost -= costOf(event);
    return event;
  }

  /** Puts older events before all others. */
  prepend(events: readonly KeptEvent[]): void {
    for (const event of events) this.cost += costOf(event);
    this.#events.prepend(events);
  }
}

/** One client. Fields are changed by the table, the delivery and the dispatcher. */
export class Client implements ConnectionListener {
  readonly #taker: EventTaker;
  /** Its number on this gateway. */
  readonly connectionId: number;
  /** Which listener it came to. */
  readonly listener: number;
  /** When it came, in seconds of `now()`. */
  readonly since: number = Math.floor(now() / 1000);
  /** How it is sent to; `undefined` before the handshake and after the end. */
  connection: Connection | undefined;
  /** Where it came from, `ip:port`. */
  remoteAddress = "";
  /** The worker that it is bound to. */
  link: WorkerLink | undefined;
  /** Number, on that link, of its newest event there. */
  lastSent = 0;
  /** Number of its newest event. */
  eventNumber = 0;
  /** To be called when it has the answers to what it sent, if it waits for that. */
  onAnswered: (() => void) | undefined;
  /** Events that cannot be sent yet; `undefined` if there is no reason to wait. */
  waiting: WaitingEvents | undefined;
  /** Whether its worker takes long over events of it. */
  isDeferred = false;
  /** What its events count for that are on their way, of those sent in a crowd. */
  crowdCost = 0;
  /** Lost workers that had events of it in flight, by the numbers of these events. */
  blamed: Map<number, readonly string[]> | undefined;
  /** Whether any worker was ever told of it. */
  isIntroduced = false;
  /** Whether it waited too long for a worker and is being closed. */
  isExpired = false;
  /** The uid that it is bound to. */
  uid: string | undefined;
  /** The groups that it is in. */
  groups: Set<string> | undefined;
  /** Its session as CBOR; `undefined` if empty. */
  session: Uint8Array<ArrayBuffer> | undefined;
  /** Counts the changes of session and uid. */
  stateVersion = 0;
  /** The version that the bound worker knows; −1 if it knows none. */
  knownVersion = -1;
  /** A second worker that knows of it. */
  witness: WorkerLink | undefined;
  /** The version that the witness knows. */
  witnessedVersion = -1;
  /** Heartbeat ticks since its last message; see the heartbeat. */
  silentTicks = -1;
  /** What its connection's activity was at the last tick. */
  seenActivity = 0;

  /** Creates the client of an accepted connection. */
  constructor(connectionId: number, listener: number, taker: EventTaker) {
    this.connectionId = connectionId;
    this.listener = listener;
    this.#taker = taker;
  }

  /** What a worker is told of it. */
  get state(): Uint8Array {
    const state: ClientState = {
      version: this.stateVersion,
      session: this.session,
      uid: this.uid,
      remoteAddress: this.remoteAddress,
      listener: this.listener,
    };
    return encodeClientState(state);
  }

  /** It asks to come in. */
  onRequest(
    request: UpgradeRequest,
    remoteAddress: string,
  ): Promise<Refusal | undefined> | undefined {
    return this.#taker.authorize?.(this, request, remoteAddress);
  }

  /** The connection can be sent to. */
  onOpen(connection: Connection, request: UpgradeRequest | undefined): void {
    this.connection = connection;
    this.remoteAddress = connection.remoteAddress;
    this.#taker.onClientOpen(this);
    const payload = encodeBody(
      request === undefined
        ? {}
        : { target: request.target, headers: request.headers },
    );
    this.#taker.takeEvent(this, Command.Connect, payload);
  }

  /** A message came. */
  onMessage(
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): void {
    this.silentTicks = -1;
    this.#taker.takeMessage(
      this,
      binary ? Flag.Binary : 0,
      buffer,
      start,
      end,
    );
  }

  /** The client has said goodbye. */
  onLeaving(answered: () => void): boolean {
    return this.#taker.onClientLeaving?.(this, answered) ?? false;
  }

  /** The connection is over. */
  onClose(code: number, reason: string): void {
    this.connection = undefined;
    this.onAnswered = undefined;
    this.#taker.onClientClosed(this);
    this.#taker.takeEvent(this, Command.Close, encodeBody({ code, reason }));
  }

  /** Replaces session or uid; every worker but the one that did it must be told. */
  changeState(
    change: { session?: Client["session"]; uid?: Client["uid"] },
  ): void {
    if ("session" in change) this.session = change.session;
    if ("uid" in change) this.uid = change.uid;
    this.stateVersion++;
  }
}
