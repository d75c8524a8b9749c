import { Buffer } from "node:buffer";
import { now } from "../../base/clock.ts";
import { roomLogger } from "../../observe/logger.ts";
import {
  type ClaimAnswer,
  claimAnswerBody,
  type ClaimBody,
  decodeClaim,
  decodeSettle,
  type GivenClient,
  type SettleBody,
} from "../../wire/bodies/claim.ts";
import { namesOf } from "../../wire/bodies/interest_name.ts";
import { decodeMap, encodeBody } from "../../wire/body.ts";
import { Command } from "../../wire/command.ts";
import { encodeFailure } from "../../wire/failure.ts";
import { Flag } from "../../wire/frame.ts";
import type { LastingConnection } from "../../transport/lasting/lasting_connection.ts";
import type { LastingConnections } from "../../transport/lasting/lasting_connections.ts";
import type { MovedSession } from "../../transport/lasting/moved_session.ts";
import { LOST, REPLACED } from "../../transport/lasting/reasons.ts";
import { Client } from "../clients/client.ts";
import type { Call } from "../commands/call.ts";
import { LATER } from "../commands/queries.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { Barrier } from "./barrier.ts";
import type { ClaimCounts } from "./claim_counts.ts";
import type { GatewayPeers } from "./gateway_peers.ts";
import type { MovedClient, MovedClients } from "./moved_clients.ts";
import type { MovesParts } from "./moves_parts.ts";
import type { OldEvents } from "./old_events.ts";
import { Parting } from "./parting.ts";
import type { Senders } from "./senders.ts";

const logger = roomLogger("gateway");

/** Bytes of a session with its events that go over at once; of more, frames are dropped. */
const MAX_GIVEN = 33_554_432;

/** Milliseconds in which whoever got a session must say that it has it. */
const CONFIRM_TIMEOUT = 10_000;

const BUSY = { outcome: "busy" } as const;

/** Windows for which it is remembered where a client has gone. */
const MEMORY_WINDOWS = 2;

/** What a {@linkcode Home} works with. */
export interface HomeParts extends MovesParts {
  /** The sessions that may outlive their sockets. */
  readonly lasting: LastingConnections;
  /** The other gateways. */
  readonly peers: GatewayPeers;
  /** Those who have gone. */
  readonly moved: MovedClients;
  /** Waits for what was sent. */
  readonly barrier: Barrier;
  /** Who sends to clients. */
  readonly senders: Senders;
  /** What workers of other gateways have of clients' events. */
  readonly oldEvents: OldEvents;
  /** Counts. */
  readonly counts: ClaimCounts;
}

/** A session that may be had, and its client. */
interface Found {
  readonly session: LastingConnection;
  readonly client: Client;
}

/** Why there is none. */
type NotFound = Exclude<ClaimAnswer, { readonly outcome: "given" }>;

/** Claims to one session that are being settled. */
interface Settling {
  /** How many. */
  count: number;
  /** Instances of gateways that have given theirs up. */
  readonly givenUp: Set<string>;
}

/**
 * Answers the claims of other gateways to sessions that are here. Until the moment in
 * which one goes over, whole, nothing happens to it: a claim that comes to nothing
 * leaves it as it was.
 */
export class Home {
  readonly #parts: HomeParts;
  readonly #parting: Parting;
  /** Claims that are being settled, by token. */
  readonly #settling = new Map<string, Settling>();

  /** Creates the home of one gateway's sessions. */
  constructor(parts: HomeParts) {
    this.#parts = parts;
    this.#parting = new Parting(parts);
  }

  /** May a session be had? */
  claim({ buffer, start, end }: Call): Record<string, unknown> {
    const claim = decodeClaim(buffer.subarray(start, end));
    const found = this.#find(claim);
    return { ...claimAnswerBody(this.#count(this.#answer(found))) };
  }

  /** A session is to go over, as soon as all that was sent to it has come. */
  settle(call: Call): typeof LATER {
    const { link, header: { number }, buffer, start, end } = call;
    const settle = decodeSettle(buffer.subarray(start, end));
    const hash = hashIn(settle);
    const { instance } = link.link.peer;
    const settling = this.#settling.get(hash) ??
      { count: 0, givenUp: new Set() };
    this.#settling.set(hash, settling);
    settling.count++;
    this.#parts.peers.note(settle.address, link);
    void this.#parts.barrier.pass().then((isLevel) => {
      if (--settling.count === 0) this.#settling.delete(hash);
      const found = this.#find(settle);
      if (settling.givenUp.has(instance)) return this.#endGivenUp(found, hash);
      if (!link.link.isOpen) return;
      const isHere = "client" in found;
      if (isLevel && isHere && this.#isAwaited(found, settle)) {
        return this.#give(found, settle, link, number);
      }
      // What a silent sender has on its way would reach nobody.
      const answer = isHere && !isLevel ? BUSY : this.#answer(found);
      reply(link, number, this.#count(answer));
    }).catch((error) => {
      // Nobody else handles it: the process would end.
      if (!link.link.isOpen) return;
      const body = encodeFailure(error);
      link.link.send(Command.Reply, 0, number, body, Flag.Failed);
    });
    return LATER;
  }

  /** Whoever claimed a session says whether it has it. */
  end({ link, buffer, start, end }: Call): true {
    const body = decodeMap(buffer.subarray(start, end));
    const hash = hashIn({ hash: body["hash"] as Uint8Array });
    const { moved, lasting } = this.#parts;
    const client = moved.byHash(hash);
    const { instance } = link.link.peer;
    // Of two that claimed it, one has it, and the other says nothing of that.
    const isItsOwn = client?.link.link.peer.instance === instance;
    if (body["taken"] === true) {
      if (client !== undefined && isItsOwn) client.isConfirmed = true;
      return true;
    }
    const settling = this.#settling.get(hash);
    if (settling !== undefined) {
      settling.givenUp.add(instance);
    } else if (client !== undefined && isItsOwn && !client.isConfirmed) {
      this.#closeHere(client);
    } else if (client === undefined) {
      const session = lasting.find(hash);
      if (session !== undefined) this.#endGivenUp(this.#foundOf(session), hash);
    }
    return true;
  }

  /** Looks after those of whom nobody said that he has them. To be called once a second. */
  sweep(): void {
    const { moved } = this.#parts;
    const time = now();
    for (const each of moved.all()) {
      const { until, isConfirmed, client } = each;
      const since = until - memoryOf(this.#parts.lasting);
      if (time - since < CONFIRM_TIMEOUT) break;
      if (!isConfirmed) {
        each.isConfirmed = true;
        void this.#askFor(each).then((isThere) => {
          if (!isThere && moved.get(client.connectionId) === each) {
            this.#closeHere(each);
          }
        });
      }
    }
    moved.sweep();
  }

  async #askFor({ address, id }: MovedClient): Promise<boolean> {
    try {
      const { link } = await this.#parts.peers.link(address);
      const asked = link.pending.add(CONFIRM_TIMEOUT);
      link.send(Command.IsOnline, id, asked.id);
      const [isThere] = await asked.reply;
      return isThere === true;
    } catch {
      // Who cannot be asked has it no more: its workers have been told, or nobody.
      return false;
    }
  }

  #find(claim: ClaimBody): Found | NotFound {
    const { lasting, moved, authorizer } = this.#parts;
    const hash = hashIn(claim);
    const session = lasting.find(hash);
    const gone = moved.byHash(hash);
    if (session === undefined && gone !== undefined) {
      return { outcome: "moved", address: gone.address };
    }
    if (session === undefined) {
      const mark = Buffer.from(claim.mark).toString("binary");
      const isOurs = lasting.hasMade({ hash, mark });
      return { outcome: isOurs ? "expired" : "lost" };
    }
    const found = this.#foundOf(session);
    if (!("client" in found)) return found;
    if (claim.received > session.ring.sent) return { outcome: "lost" };
    if (authorizer?.uidOf(found.client) !== claim.uid) {
      return { outcome: "refused" };
    }
    return this.#isMovable(found) ? found : { outcome: "busy" };
  }

  #foundOf(session: LastingConnection): Found | NotFound {
    const { listener: client } = session;
    // A listener of another kind is no client of a gateway.
    return client instanceof Client
      ? { session, client }
      : { outcome: "expired" };
  }

  /** Whether its events go over at once. Of what was sent to it, the oldest can be dropped. */
  #isMovable({ client: { route } }: Found): boolean {
    const { waiting, link, connectionId } = route;
    let bytes = waiting?.cost ?? 0;
    if (!route.isDone) {
      for (const { payload } of link?.unfinishedOf(connectionId) ?? []) {
        bytes += payload.length;
      }
    }
    return bytes < MAX_GIVEN;
  }

  #answer(found: Found | NotFound): ClaimAnswer {
    if (!("client" in found)) return found;
    const { came, instances: senders } = this.#parts.senders;
    const { uid, groups } = found.client;
    return { outcome: "claimed", names: namesOf(uid, groups), senders, came };
  }

  /** Whether everybody sends to the other gateway too, and knows of all its names there. */
  #isAwaited({ client }: Found, { names, came }: SettleBody): boolean {
    if (came !== undefined && came !== this.#parts.senders.came) return false;
    const own = new Set(namesOf(client.uid, client.groups));
    return own.isSubsetOf(new Set(names));
  }

  #count(answer: ClaimAnswer): ClaimAnswer {
    const { denied } = this.#parts.counts;
    if (answer.outcome in denied) {
      denied[answer.outcome as keyof typeof denied]++;
    }
    return answer;
  }

  /** The session goes over: here it is no more from now on. */
  #give(
    { session, client }: Found,
    settle: SettleBody,
    link: WorkerLink,
    number: number,
  ): void {
    const { lasting, moved, peers, counts } = this.#parts;
    const { connectionId } = client;
    const hashes = [session.token, session.formerToken, hashIn(settle)]
      .filter((hash) => hash !== "");
    const record: MovedClient = {
      client,
      id: settle.client,
      address: settle.address,
      link,
      hashes: [...new Set(hashes)],
      until: now() + memoryOf(lasting),
      isDone: true,
      isConfirmed: false,
    };
    peers.note(settle.address, link);
    const { ring } = session;
    while (ring.bytes > MAX_GIVEN) ring.trim(ring.gone + 1);
    lasting.give(session, (packed) => {
      const given = this.#pack(client, packed);
      record.isDone = !given.isBusy;
      reply(link, number, { outcome: "given", client: given });
    });
    moved.add(record);
    this.#parting.part(record);
    counts.given++;
    logger.debug("Client {connectionId} has moved to gateway {address}", {
      connectionId,
      address: settle.address,
    });
  }

  #pack(client: Client, packed: MovedSession): GivenClient {
    const { table, delivery, links, authorizer, oldEvents, arrivals } =
      this.#parts;
    const { route, connectionId } = client;
    const abroad = oldEvents.of(connectionId);
    const running = abroad?.events ??
      (route.isDone ? [] : route.link?.unfinishedOf(connectionId) ?? []);
    const grant = authorizer?.grantOf(client);
    const { uid, groups, session } = client;
    return {
      ...packed,
      previous: connectionId,
      uid,
      groups: [...groups ?? []],
      session,
      login: table.loginOf(client),
      version: route.stateVersion,
      events: route.eventNumber,
      isIntroduced: route.isIntroduced,
      waiting: delivery.backlog.takeAll(route),
      running,
      worker: abroad?.instance ?? route.link?.link.peer.instance,
      isBusy: abroad !== undefined || !route.isDone,
      requests: [...route.requests?.open() ?? []],
      grant: grant && {
        uid: grant.uid,
        groups: grant.groups,
        session: grant.session,
      },
      stamps: arrivals.hadBy(client, links.stamps()),
    };
  }

  /** A claim was given up, and the client was told that its session is lost: it ends. */
  #endGivenUp(found: Found | NotFound, hash: string): void {
    // Whoever has shown another token since then was told something else.
    if (!("client" in found) || found.session.token !== hash) return;
    this.#tellEnd(found.client);
    found.session.close(found.client.isAway ? LOST : REPLACED);
  }

  /** A client that went over has not arrived: its end is told here. */
  #closeHere(record: MovedClient): void {
    const { moved, table, delivery } = this.#parts;
    const { client } = record;
    moved.delete(record);
    this.#tellEnd(client);
    table.depart(client);
    client.route.knownVersion = -1;
    client.route.onLost = undefined;
    const { code, reason } = LOST;
    const payload = encodeBody({ code, reason });
    delivery.takeEvent(client.route, Command.Close, payload);
  }

  #tellEnd({ connectionId }: Client): void {
    logger.warn(
      "Ended the session of client {connectionId}: another gateway claimed it, and did not get it in time",
      { connectionId },
    );
  }
}

function reply(
  { link }: WorkerLink,
  number: number,
  answer: ClaimAnswer,
): void {
  link.send(Command.Reply, 0, number, encodeBody(claimAnswerBody(answer)));
}

function memoryOf({ maxWindow }: LastingConnections): number {
  return MEMORY_WINDOWS * maxWindow;
}

function hashIn({ hash }: Pick<ClaimBody, "hash">): string {
  return Buffer.from(hash).toString("binary");
}
