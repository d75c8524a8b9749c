import { roomLogger } from "../observe/logger.ts";
import type { LinkedPeer } from "../link/linked_peer.ts";
import { tellRefusals } from "../link/refusal_list.ts";
import type { Welcome } from "../link/handshake.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { Command } from "../wire/command.ts";
import type { Moves } from "./moves/moves.ts";
import type { SendingLinks } from "./moves/moves_parts.ts";
import type { RefusalEntry } from "../wire/bodies/refusals.ts";
import type { Refused } from "./clients/refused.ts";
import type { Presence } from "./presence/presence.ts";
import type { Interest } from "../link/interest.ts";
import type { Asks } from "./commands/asks.ts";
import { CellDeliveries } from "./commands/cell_deliveries.ts";
import type { Dispatcher } from "./commands/dispatcher.ts";
import type { Taps } from "./commands/taps.ts";
import type { Delivery } from "./delivery/delivery.ts";
import type { Traces } from "./delivery/traces.ts";
import type { Router } from "./workers/router.ts";
import { WorkerLink } from "./workers/worker_link.ts";
import type { WorkerLinkOwner } from "./workers/worker_link_owner.ts";

const logger = roomLogger("gateway");

/** Link heartbeats without a sign of life after which a worker is stale. */
const HEARTBEAT_LIMIT = 3;

/** What {@linkcode WorkerLinks} works with. */
export interface WorkerLinksParts {
  /** Knows the workers among the links. */
  readonly router: Router;
  /** Is told what workers do with events. */
  readonly delivery: Delivery;
  /** Does what workers and outside programs ask for. */
  readonly dispatcher: Dispatcher;
  /** Is told of links that are gone. */
  readonly interest: Interest;
  /** The same. */
  readonly asks: Asks;
  /** The same. */
  readonly moves: Moves;
  /** Workers are told who may not come in. */
  readonly refused: Refused;
  /** The same. */
  readonly presence: Presence;
  /** What whoever links is told. */
  readonly welcome: Welcome;
  /** Milliseconds that frames may wait for others; 0 for never. */
  readonly gatherWithin: number;
  /** Is told of links that are gone. */
  readonly taps?: Taps;
  /** Knows what is traced, where anything is. */
  readonly traces?: Traces | undefined;
}

/** Senders whose links are gone and whose stamps are remembered at most. */
const MAX_PARTED = 1_000;

/** The links of one gateway: to its workers, to outside programs, and to other gateways. */
export class WorkerLinks implements SendingLinks {
  readonly #parts: WorkerLinksParts;
  /** The newest stamps of senders whose links are gone. */
  readonly #parted = new Map<string, number>();
  readonly #links = new Set<WorkerLink>();
  readonly #owner: WorkerLinkOwner<WorkerLink>;
  readonly #abroad: CellDeliveries;
  #isLeaving = false;
  came = 0;

  /** Creates the links of one gateway: none yet. */
  constructor(parts: WorkerLinksParts) {
    this.#parts = parts;
    this.#abroad = new CellDeliveries(parts.dispatcher);
    this.#owner = this.#own(parts);
  }

  /** Events sent to workers and not acknowledged. */
  get inFlight(): number {
    let count = 0;
    for (const link of this.#links) count += link.inFlight;
    return count;
  }

  *senders(): Generator<WorkerLink> {
    for (const link of this.#links) if (isSender(link)) yield link;
  }

  stamps(): Map<string, number> {
    const stamps = new Map(this.#parted);
    for (const { stamp, link } of this.#links) {
      if (stamp !== 0) stamps.set(link.peer.instance, stamp);
    }
    return stamps;
  }

  /** Somebody has proved who it is. */
  open(conn: ByteStream, peer: LinkedPeer): WorkerLink {
    const { welcome, gatherWithin, router, delivery } = this.#parts;
    const link = new WorkerLink({
      conn,
      peer,
      welcome,
      owner: this.#owner,
      gatherWithin,
    });
    this.#links.add(link);
    if (isSender(link)) this.came++;
    link.link.start();
    if (peer.role !== "worker") return link;
    tellRefusals(link.link, this.#parts.refused.list.all());
    router.add(link);
    const { name, address } = peer;
    logger.info("Worker {name} joined from {address}", { name, address });
    delivery.onWorker();
    return link;
  }

  /** Tells all workers but one who may not come in, or may again. */
  spread(entries: readonly RefusalEntry[], from: WorkerLink): void {
    for (const link of this.#links) {
      const isTold = link !== from && link.link.peer.role === "worker";
      if (isTold) tellRefusals(link.link, entries);
    }
  }

  /** Pings everybody. To be called once every heartbeat interval. */
  heartbeat(): void {
    for (const { link } of this.#links) link.heartbeat(HEARTBEAT_LIMIT);
  }

  /** The gateway stops: who leaves from now on is not missed. */
  expectEnd(): void {
    this.#isLeaving = true;
  }

  /** Tells everybody that nothing is missing, and closes. */
  async leave(): Promise<void> {
    for (const { link } of this.#links) {
      if (link.peer.role !== "gateway") link.send(Command.Leave, 0, 0);
    }
    await Promise.all([...this.#links].map(({ link }) => link.close()));
  }

  #own(
    { delivery, dispatcher, presence, traces }: WorkerLinksParts,
  ): WorkerLinkOwner<WorkerLink> {
    const onCommand: WorkerLinkOwner<WorkerLink>["onCommand"] = (
      link,
      header,
      buffer,
      start,
      end,
    ) => {
      const { command } = header;
      if (command === Command.Deliver || command === Command.DeliverOnce) {
        return this.#abroad.take(link, command, buffer, start, end);
      }
      dispatcher.onCommand(link, header, buffer, start, end);
    };
    return {
      beforeEvent: traces && ((link, event) => traces.announce(link, event)),
      onCommand: traces === undefined
        ? onCommand
        : (link, header, buffer, start, end) =>
          traces.around(
            link,
            header,
            buffer.subarray(start, end),
            () => onCommand(link, header, buffer, start, end),
          ),
      onProgress: (link, done, free) => delivery.onProgress(link, done, free),
      onKept: (cost) => delivery.backlog.kept += cost,
      onDraining: (link) => {
        logger.info("Worker {name} is draining", { name: link.link.peer.name });
        delivery.onDraining(link);
        presence.onDraining(link);
      },
      onDeferred: (link, id, last) => delivery.onDeferred(link, id, last),
      onReleased: (link, kept, n) => delivery.onReleased(link, kept, n),
      onClosed: (link, error) => this.#close(link, error),
    };
  }

  #close(link: WorkerLink, error: Error | undefined): void {
    const { asks, interest, moves, presence, router, delivery } = this.#parts;
    this.#links.delete(link);
    this.#rememberStamp(link);
    interest.forget(link);
    asks.forget(link);
    moves.forget(link);
    presence.forget(link);
    this.#parts.taps?.forget(link);
    if (link.link.peer.role !== "worker") return;
    router.remove(link);
    this.#logEnd(link, error);
    delivery.onLost(link);
  }

  /** What it sent last may be on its way to another gateway yet. */
  #rememberStamp({ stamp, link: { peer: { instance } } }: WorkerLink): void {
    if (stamp === 0) return;
    this.#parted.delete(instance);
    this.#parted.set(instance, stamp);
    for (const oldest of this.#parted.keys()) {
      if (this.#parted.size <= MAX_PARTED) return;
      this.#parted.delete(oldest);
    }
  }

  #logEnd(link: WorkerLink, error: Error | undefined): void {
    const { name, address } = link.link.peer;
    const unacknowledged = link.inFlight;
    const isProper = link.isDraining || this.#isLeaving;
    if (isProper && unacknowledged === 0) {
      return logger.info("Worker {name} left", { name, address });
    }
    logger.warn(
      "Lost worker {name} at {address} ({reason}): {unacknowledged} events go to other workers",
      { name, address, reason: error?.message ?? "closed", unacknowledged },
    );
  }
}

/** Whether its other end sends to clients, and answers for itself. */
function isSender({ link: { peer } }: WorkerLink): boolean {
  return peer.role !== "gateway" && !peer.isOriginal;
}
