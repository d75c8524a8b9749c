import { decodeMap } from "../../wire/body.ts";
import { Command } from "../../wire/command.ts";
import type { ClaimFigures } from "../../observe/report.ts";
import type { LastingConnections } from "../../transport/lasting/lasting_connections.ts";
import type { Call } from "../commands/call.ts";
import type { Elsewhere } from "../commands/elsewhere.ts";
import { LATER } from "../commands/queries.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import { Barrier } from "./barrier.ts";
import { ClaimCounts } from "./claim_counts.ts";
import { Claims } from "./claims.ts";
import type { GatewayPeers } from "./gateway_peers.ts";
import { Home } from "./home.ts";
import { MovedClients } from "./moved_clients.ts";
import type { MovesParts } from "./moves_parts.ts";
import { OldEvents } from "./old_events.ts";
import { Senders } from "./senders.ts";

/** What there is where sessions move. */
interface Begun {
  readonly home: Home;
  readonly moved: MovedClients;
  readonly oldEvents: OldEvents;
  readonly peers: GatewayPeers;
}

/** Sessions that come from other gateways, and that go to them. */
export class Moves implements Elsewhere {
  readonly #counts = new ClaimCounts();
  #begun: Begun | undefined;

  /**
   * Sessions may move from now on.
   *
   * @param parts The gateway.
   * @param lasting Its sessions.
   * @param peers The other gateways.
   */
  begin(
    parts: MovesParts,
    lasting: LastingConnections,
    peers: GatewayPeers,
  ): void {
    const counts = this.#counts;
    const moved = new MovedClients(peers);
    const oldEvents = new OldEvents(parts.delivery, parts.links);
    const barrier = new Barrier(() => parts.links.senders());
    const senders = new Senders(parts.links);
    const all = {
      ...parts,
      lasting,
      peers,
      moved,
      oldEvents,
      barrier,
      senders,
      counts,
    };
    lasting.claimer = new Claims(all);
    this.#begun = { home: new Home(all), moved, oldEvents, peers };
  }

  /** What became of claims; `undefined` where sessions do not move. */
  get figures(): ClaimFigures | undefined {
    return this.#begun && this.#counts.figures(this.size);
  }

  get size(): number {
    return this.#begun?.moved.size ?? 0;
  }

  has(connectionId: number): boolean {
    return this.#begun?.moved.get(connectionId) !== undefined;
  }

  forward(call: Call): typeof LATER {
    return this.#begun?.moved.forward(call) ?? LATER;
  }

  send(connectionId: number, payload: Uint8Array, flags: number): boolean {
    return this.#begun?.moved.send(connectionId, payload, flags) ?? false;
  }

  take(call: Call): unknown {
    const { link, header, buffer, start, end } = call;
    const begun = this.#begun;
    if (begun === undefined || link.link.peer.role !== "gateway") {
      throw new TypeError(
        `Cannot do command ${header.command}: it is for gateways, where sessions may move`,
      );
    }
    switch (header.command) {
      case Command.Claim:
        return begun.home.claim(call);
      case Command.Settle:
        return begun.home.settle(call);
      case Command.ClaimEnd:
        return begun.home.end(call);
      case Command.OldEvents: {
        const isDone = decodeMap(buffer.subarray(start, end))["done"] === true;
        return begun.oldEvents.settle(link, header.connectionId, isDone);
      }
      default:
        return this.#cancel(begun, call);
    }
  }

  /** Whether something is under way on a link with another gateway. */
  isNeeded(link: WorkerLink): boolean {
    return this.#begun?.oldEvents.isNeeded(link) ?? false;
  }

  /** A link is gone. */
  forget(link: WorkerLink): void {
    if (link.link.peer.role === "gateway") this.#begun?.oldEvents.forget(link);
    else this.#begun?.moved.lose(link);
  }

  /** Looks what is due. To be called once a second. */
  sweep(): void {
    this.#begun?.peers.sweep();
    this.#begun?.home.sweep();
    this.#begun?.oldEvents.sweep();
  }

  /** A client that has moved wants no answer any more, to one request or to all. */
  #cancel(
    { moved }: Begun,
    { header: { connectionId, number } }: Call,
  ): typeof LATER {
    const requests = moved.get(connectionId)?.client.route.requests;
    if (number === 0) requests?.end();
    else requests?.cancelEvent(number);
    return LATER;
  }
}
