import { now } from "../base/clock.ts";
import type { PeerFacts } from "../roster/register_message.ts";

/** A worker, or a program that asked for the gateways as a worker does. */
export interface RegisteredPeer extends PeerFacts {
  /** Where its link to the Register comes from, `ip:port`. */
  readonly remoteAddress: string;
  /** When it last introduced itself, in milliseconds since 1970. */
  readonly since: number;
}

/** A gateway, and where workers reach it. */
export interface RegisteredGateway extends RegisteredPeer {
  /** `host:port` of its listener for workers. */
  readonly address: string;
}

/** The addresses of gateways, by who can dial them. */
export interface GatewayAddresses {
  /** Gateways of our own kind. */
  readonly ours: readonly string[];
  /** Gateways of the original. */
  readonly original: readonly string[];
  /** All that workers of the original can dial: those, and ours that speak with them. */
  readonly forOriginal: readonly string[];
  /** Bridges. */
  readonly bridges: readonly string[];
}

/** Whether a node is one of the original: ours name their instance. */
export function isOriginal({ instance }: RegisteredPeer): boolean {
  return instance === undefined;
}

/** Nodes of the original know no other addresses. */
function isIpv4(address: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}:\d+$/.test(address);
}

/** A peer, with what it last told of how it is. */
export type Reported<Peer> = Peer & {
  /** Its last report; `undefined` if it tells nothing. */
  readonly report?: Readonly<Record<string, unknown>> | undefined;
  /** Milliseconds that have passed since that report. */
  readonly reportAge?: number | undefined;
  /** Milliseconds that have passed since it introduced itself. */
  readonly age: number;
  /** Another gateway that announces the same address. */
  readonly rival?: RegisteredGateway | undefined;
};

/** A report, and when it came, `now()`. */
interface Told {
  readonly report: Readonly<Record<string, unknown>>;
  readonly time: number;
}

/**
 * Who is up, by the link that says so. What one link says ends with that link:
 * of two links that announce one address, each must go before the address does.
 *
 * @typeParam Link Whatever stands for a link; compared by identity.
 */
export class Directory<Link> {
  readonly #gateways = new Map<Link, RegisteredGateway>();
  readonly #bridges = new Map<Link, RegisteredGateway>();
  readonly #workers = new Map<Link, RegisteredPeer>();
  readonly #reports = new Map<Link, Told>();
  /** When each link introduced itself last, `now()`. */
  readonly #began = new Map<Link, number>();
  /** When each link was heard last, `now()`. */
  readonly #heard = new Map<Link, number>();

  /** The gateways, in the order in which their links announced one first. */
  get gateways(): IterableIterator<RegisteredGateway> {
    return this.#gateways.values();
  }

  /** The workers, in the order in which they came. */
  get workers(): IterableIterator<RegisteredPeer> {
    return this.#workers.values();
  }

  /** The links to tell when the gateways change: workers', bridges', and gateways' that want it. */
  *listedTo(): Generator<Link> {
    yield* this.#workers.keys();
    yield* this.#bridges.keys();
    for (const [link, { list }] of this.#gateways) if (list) yield link;
  }

  /** What each kind of worker can dial, without duplicates. */
  addresses(): GatewayAddresses {
    const ours = new Set<string>();
    const original = new Set<string>();
    const forOriginal = new Set<string>();
    for (const gateway of this.gateways) {
      const { address, php } = gateway;
      (isOriginal(gateway) ? original : ours).add(address);
      const isSpoken = isOriginal(gateway) || (php && isIpv4(address));
      if (isSpoken) forOriginal.add(address);
    }
    return {
      ours: [...ours],
      original: [...original],
      forOriginal: [...forOriginal],
      bridges: [
        ...new Set(Array.from(this.#bridges.values(), (each) => each.address)),
      ],
    };
  }

  /** Who is at the other end of a link. */
  peer(link: Link): RegisteredPeer | undefined {
    return this.#workers.get(link) ?? this.#gateways.get(link) ??
      this.#bridges.get(link);
  }

  /** Whether a link is a gateway's or a worker's. */
  knows(link: Link): boolean {
    return this.#gateways.has(link) || this.#workers.has(link) ||
      this.#bridges.has(link);
  }

  /** Notes that a peer lives. */
  hear(link: Link): void {
    if (this.knows(link)) this.#heard.set(link, now());
  }

  /** Takes what a peer tells of how it is, in place of what it told before. */
  report(link: Link, report: Readonly<Record<string, unknown>>): void {
    this.#reports.set(link, { report, time: now() });
    this.hear(link);
  }

  /** The gateways, with what they tell. */
  reportedGateways(): Reported<RegisteredGateway>[] {
    return this.#withReports(this.#gateways, this.rivals());
  }

  /** The workers, with what they tell. */
  reportedWorkers(): Reported<RegisteredPeer>[] {
    return this.#withReports(this.#workers);
  }

  /** The bridges, with what they tell. */
  reportedBridges(): Reported<RegisteredGateway>[] {
    return this.#withReports(this.#bridges);
  }

  /** Takes in a bridge. */
  joinBridge(link: Link, bridge: RegisteredGateway): void {
    this.#bridges.set(link, bridge);
    this.#began.set(link, now());
  }

  /** Takes in a gateway; another one announced by this link is forgotten. */
  joinGateway(link: Link, gateway: RegisteredGateway): void {
    this.#gateways.set(link, gateway);
    this.#began.set(link, now());
  }

  /** Takes in a worker. One link may be both a gateway's and a worker's. */
  joinWorker(link: Link, worker: RegisteredPeer): void {
    this.#workers.set(link, worker);
    this.#began.set(link, now());
  }

  /**
   * Forgets what this link has said.
   *
   * @returns The gateway or bridge that left by it, if it was one's link.
   */
  leave(link: Link): RegisteredGateway | undefined {
    const gateway = this.#gateways.get(link) ?? this.#bridges.get(link);
    this.#gateways.delete(link);
    this.#bridges.delete(link);
    this.#workers.delete(link);
    this.#reports.delete(link);
    this.#began.delete(link);
    this.#heard.delete(link);
    return gateway;
  }

  /**
   * Finds gateways that announce an address that is another one's, too. All of them
   * were heard since the last of them came, so that none is what is left of one that
   * is gone. What does not name its instance may be one gateway with several links.
   *
   * @returns By its link, one of the others.
   */
  rivals(): Map<Link, RegisteredGateway> {
    const byAddress = Map.groupBy(
      this.#gateways,
      ([, { address }]) => address,
    );
    const rivals = new Map<Link, RegisteredGateway>();
    for (const same of byAddress.values()) {
      if (same.length < 2) continue;
      const came = same.reduce(
        (last, [link]) => Math.max(last, this.#began.get(link) ?? 0),
        0,
      );
      const alive = same.filter(([link, { instance }]) =>
        instance !== undefined && (this.#heard.get(link) ?? 0) > came
      );
      for (const [link, { instance }] of alive) {
        const other = alive.find(([, each]) => each.instance !== instance);
        if (other !== undefined) rivals.set(link, other[1]);
      }
    }
    return rivals;
  }

  #withReports<Peer>(
    peers: ReadonlyMap<Link, Peer>,
    rivals?: ReadonlyMap<Link, RegisteredGateway>,
  ): Reported<Peer>[] {
    const time = now();
    return Array.from(peers, ([link, peer]) => {
      const told = this.#reports.get(link);
      return {
        ...peer,
        rival: rivals?.get(link),
        report: told?.report,
        reportAge: told === undefined ? undefined : time - told.time,
        age: time - (this.#began.get(link) ?? time),
      };
    });
  }
}
