import { now } from "../../base/clock.ts";
import { messageOf } from "../../base/thrown.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import { idOf, Letter } from "../../wire/bodies/typed_frame.ts";
import { encodeBody } from "../../wire/body.ts";
import { Command } from "../../wire/command.ts";
import { encodeFailure } from "../../wire/failure.ts";
import { Flag } from "../../wire/frame.ts";
import type { Client } from "../clients/client.ts";
import type { Call } from "../commands/call.ts";
import { LATER } from "../commands/queries.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { GatewayPeers } from "./gateway_peers.ts";

const logger = roomLogger("gateway");

/** Milliseconds that another gateway may take over a call that is passed on. */
const CALL_TIMEOUT = 30_000;

/** Clients that are remembered at most; past it the oldest are forgotten. */
const MAX_MOVED = 100_000;

/** What a call that waits takes beside its bytes. */
const CALL_COST = 1_024;

/**
 * Bytes that may wait on a link between gateways, and while any of them are dialled; what
 * comes then is not passed on.
 */
const MAX_WAITING = 67_108_864;

/** A client that has moved to another gateway. */
export interface MovedClient {
  /** As it was here. */
  readonly client: Client;
  /** Its connection id there. */
  readonly id: number;
  /** Where that gateway is dialled. */
  readonly address: string;
  /** The link on which it was claimed: what is said of it goes there as long as it is up. */
  readonly link: WorkerLink;
  /** What its tokens are found by. */
  readonly hashes: readonly string[];
  /** When it is forgotten, unless something is still open; `now()`. */
  readonly until: number;
  /** Whether workers here are done with its events. */
  isDone: boolean;
  /** Whether the other gateway has said that it has it. */
  isConfirmed: boolean;
}

/**
 * Clients that were here, and are at another gateway now: what is meant for them is
 * passed on, as long as they are remembered.
 */
export class MovedClients {
  readonly #peers: GatewayPeers;
  readonly #moved = new Map<number, MovedClient>();
  readonly #byHash = new Map<string, MovedClient>();
  readonly #log = new RateLimitedLog();
  /** Bytes that wait while gateways are dialled. */
  #waiting = 0;

  /** @param peers The other gateways. */
  constructor(peers: GatewayPeers) {
    this.#peers = peers;
  }

  /** Hot: how many are remembered. */
  get size(): number {
    return this.#moved.size;
  }

  /** All that are remembered, the oldest first. */
  all(): Iterable<MovedClient> {
    return this.#moved.values();
  }

  /** The one of a connection id. */
  get(connectionId: number): MovedClient | undefined {
    return this.#moved.get(connectionId);
  }

  /** The one of a token. */
  byHash(hash: string): MovedClient | undefined {
    return this.#byHash.get(hash);
  }

  /** Remembers one. */
  add(moved: MovedClient): void {
    this.#moved.set(moved.client.connectionId, moved);
    for (const hash of moved.hashes) this.#byHash.set(hash, moved);
    if (this.#moved.size <= MAX_MOVED) return;
    for (const oldest of this.#moved.values()) return this.delete(oldest);
  }

  /** Forgets one. */
  delete(moved: MovedClient): void {
    this.#moved.delete(moved.client.connectionId);
    for (const hash of moved.hashes) {
      if (this.#byHash.get(hash) === moved) this.#byHash.delete(hash);
    }
  }

  /** Forgets those whose time is over, and of whom nothing is open here. */
  sweep(): void {
    const time = now();
    for (const moved of this.#moved.values()) {
      if (moved.until > time) return;
      // Those that no worker here has went along with the client.
      const isAsked = moved.client.route.requests?.areAsked ?? false;
      if (moved.isDone && !isAsked) this.delete(moved);
    }
  }

  /** A worker is gone: what it was asked by those who have moved gets no answer. */
  lose(link: WorkerLink): void {
    for (const { client, isDone } of this.#moved.values()) {
      // Of the others, the delivery knows what they are told again.
      if (isDone) client.route.requests?.lose(link, []);
    }
  }

  /** Passes a call on; whoever asked is replied to. */
  forward(
    { link: { link }, header, head, buffer, start, end }: Call,
  ): typeof LATER {
    const moved = this.#moved.get(header.connectionId) as MovedClient;
    const { command, flags, number } = header;
    const payload = buffer.slice(start, end);
    if (command === Command.SendToOne) this.#noteAnswer(moved, payload, flags);
    const own = head.length > 0 ? head.slice() : undefined;
    const reply = (value: unknown) => {
      if (number !== 0 && link.isOpen) {
        link.send(Command.Reply, 0, number, encodeBody(value));
      }
    };
    const fail = (error: unknown) => {
      if (number === 0 || !link.isOpen) return;
      const body = encodeFailure(error);
      link.send(Command.Reply, 0, number, body, Flag.Failed);
    };
    this.#onLink(moved, payload.length + head.length, (to) => {
      let id = 0;
      if (number !== 0) {
        const asked = to.link.pending.add(CALL_TIMEOUT);
        id = asked.id;
        asked.reply.then(([value]) => reply(value), fail);
      }
      const rest = flags & ~Flag.Head;
      if (own === undefined) to.link.send(command, moved.id, id, payload, rest);
      else to.link.sendHeaded(command, moved.id, id, own, payload, rest);
    }, () => reply(absentAnswer(command)));
    return LATER;
  }

  /** Sends a message to one; returns whether it is remembered. */
  send(connectionId: number, payload: Uint8Array, flags: number): boolean {
    const moved = this.#moved.get(connectionId);
    if (moved === undefined) return false;
    this.#onLink(
      moved,
      payload.length,
      (to) => to.link.send(Command.SendToOne, moved.id, 0, payload, flags),
    );
    return true;
  }

  /** Tells the gateway of one what has become of the events that workers had here. */
  tellDone(moved: MovedClient, isDone: boolean): void {
    moved.isDone = true;
    const body = encodeBody({ done: isDone });
    this.#onLink(
      moved,
      body.length,
      (to) => to.link.send(Command.OldEvents, moved.id, 0, body),
    );
  }

  /**
   * Does something on the link with a client's gateway: that on which it was claimed,
   * so that all comes in order, or else another.
   */
  #onLink(
    moved: MovedClient,
    bytes: number,
    act: (link: WorkerLink) => void,
    fail: () => void = () => {},
  ): void {
    const { address } = moved;
    const link = moved.link.link.isOpen
      ? moved.link
      : this.#peers.current(address);
    if (link !== undefined) {
      if (link.link.log.pendingBytes <= MAX_WAITING) return act(link);
      this.#warn(address, "too much waits for it");
      return fail();
    }
    const cost = bytes + CALL_COST;
    if (this.#waiting + cost > MAX_WAITING) {
      this.#warn(address, "too much waits until it is linked");
      return fail();
    }
    this.#waiting += cost;
    this.#peers.link(address).then(act).catch((error) => {
      this.#warn(address, messageOf(error));
      fail();
    }).finally(() => this.#waiting -= cost);
  }

  /** A worker here has answered a request: it has not to be told of it any more. */
  #noteAnswer(
    { client: { route: { requests } } }: MovedClient,
    payload: Uint8Array,
    flags: number,
  ): void {
    if ((flags & Flag.Typed) === 0 || requests === undefined) return;
    const [letter] = payload;
    const isLast = letter === Letter.Reply || letter === Letter.Failure ||
      letter === Letter.BinaryReply;
    if (isLast) requests.settle(idOf(payload, 0, payload.length), "answered");
  }

  #warn(address: string, reason: string): void {
    this.#log.once(address, (suppressed) =>
      logger.warn(
        "Did not pass on what was meant for a client that has moved to gateway {address}: {reason} ({suppressed} like this before)",
        { address, reason, suppressed },
      ));
  }
}

/** What is said of a client that is not there. */
function absentAnswer(command: number): unknown {
  if (command === Command.SendToOne) return 0;
  return command === Command.GetSession ? null : false;
}
