import { parseAddress } from "../../base/address.ts";
import { now } from "../../base/clock.ts";
import { LinkClosedError } from "../../base/errors.ts";
import { messageOf } from "../../base/thrown.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import { dialLink } from "../../link/dial_link.ts";
import type { Introduction } from "../../link/handshake.ts";
import type { LinkedPeer } from "../../link/linked_peer.ts";
import type { ByteStream } from "../../peer/byte_stream.ts";
import type { Trust } from "../../peer/trust.ts";
import { gatewayIdOf } from "../../wire/bodies/client_id.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

const logger = roomLogger("gateway");

/** Gateways that are remembered at most, those that are gone among them. */
const MAX_KNOWN = 1_000;

/** Milliseconds that it may take to be linked to another gateway. */
const DIAL_TIMEOUT = 3_000;

/** Milliseconds after which a gateway is dialled again that could not be reached. */
const RETRY_AFTER = 1_000;

/** Milliseconds after which a link is closed that nobody used. */
const IDLE_TIMEOUT = 60_000;

/** How a gateway dials others. */
export interface GatewaySelf {
  /** Where other gateways dial this one, `host:port`. */
  readonly address: string;
  /** What this gateway says of itself. */
  readonly introduction: Introduction;
  /** What it believes and shows. */
  readonly trust: Trust;
}

/** What {@linkcode GatewayPeers} dial with. */
export interface GatewayPeersOptions extends GatewaySelf {
  /** What tokens of a gateway may begin with. */
  readonly hintsOf: (gatewayId: string) => readonly string[];
  /** Makes the link of a connection on which the handshake is done. */
  open(conn: ByteStream, peer: LinkedPeer): WorkerLink;
  /** Whether something is under way with a gateway, so that its link must not go. */
  isNeeded(link: WorkerLink): boolean;
}

/** A gateway that was dialled or has dialled. */
interface Known {
  link: WorkerLink | undefined;
  dialling: Promise<WorkerLink> | undefined;
  /** When it was last wanted, `now()`. */
  usedAt: number;
  /** Whether this side dialled, and so closes. */
  isOurs: boolean;
  /** When it may be dialled again, `now()`. */
  retryAt: number;
}

/** The other gateways of the cluster, and the links with those that are needed. */
export class GatewayPeers {
  readonly #options: GatewayPeersOptions;
  readonly #known = new Map<string, Known>();
  /** Where the gateway is whose tokens begin so, as far as anybody asked. */
  readonly #hints = new Map<string, string>();
  readonly #log = new RateLimitedLog();
  readonly #stop = new AbortController();
  /** Where other gateways dial this one, `host:port`. */
  readonly address: string;

  /** @param options How to dial. */
  constructor(options: GatewayPeersOptions) {
    this.#options = options;
    this.address = options.address;
  }

  /** Aborted when nobody is dialled any more. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** The Registers told where gateways are: those that are not there may live all the same. */
  list(addresses: Iterable<string>): void {
    for (const address of addresses) {
      if (address !== this.address) this.#of(address);
    }
    for (const [address, { link, dialling }] of this.#known) {
      if (this.#known.size <= MAX_KNOWN) return;
      if (link === undefined && dialling === undefined) {
        this.#known.delete(address);
      }
    }
  }

  /** Where the gateway is whose tokens begin so; `undefined` if none is known. */
  find(hint: string): string | undefined {
    const found = this.#hints.get(hint);
    if (found !== undefined) return found;
    for (const address of this.#known.keys()) {
      const hints = this.#options.hintsOf(gatewayIdOf(parseAddress(address)));
      for (const each of hints) this.#hints.set(each, address);
    }
    return this.#hints.get(hint);
  }

  /** The link with a gateway, if there is one. */
  current(address: string): WorkerLink | undefined {
    const known = this.#known.get(address);
    if (known?.link?.link.isOpen !== true) return undefined;
    known.usedAt = now();
    return known.link;
  }

  /** A gateway has dialled, and says where it is dialled itself. */
  note(address: string, link: WorkerLink): void {
    const known = this.#of(address);
    if (known.link?.link.isOpen === true) return;
    known.link = link;
    known.isOurs = false;
    known.usedAt = now();
  }

  /**
   * Returns the link with a gateway, dialled if there is none.
   *
   * @throws {Error} If it cannot be reached.
   */
  link(address: string): Promise<WorkerLink> {
    const current = this.current(address);
    if (current !== undefined) return Promise.resolve(current);
    const known = this.#of(address);
    known.dialling ??= this.#dial(address, known).finally(() =>
      known.dialling = undefined
    );
    return known.dialling;
  }

  /** Closes links that nobody needs any more. To be called now and then. */
  sweep(): void {
    const time = now();
    for (const { link, usedAt, isOurs } of this.#known.values()) {
      if (link?.link.isOpen !== true || !isOurs) continue;
      if (time - usedAt < IDLE_TIMEOUT || link.link.pending.size > 0) continue;
      if (!this.#options.isNeeded(link)) void link.link.close();
    }
  }

  /** Dials nobody any more. */
  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  #of(address: string): Known {
    let known = this.#known.get(address);
    if (known === undefined) {
      known = {
        link: undefined,
        dialling: undefined,
        usedAt: 0,
        isOurs: false,
        retryAt: 0,
      };
      this.#known.set(address, known);
    }
    return known;
  }

  async #dial(address: string, known: Known): Promise<WorkerLink> {
    if (now() < known.retryAt) {
      throw new LinkClosedError(
        `Cannot link to gateway "${address}": it could not be reached just now`,
      );
    }
    try {
      const { conn, peer } = await this.#greet(address);
      const link = this.#options.open(conn, peer);
      known.link = link;
      known.isOurs = true;
      known.usedAt = now();
      return link;
    } catch (error) {
      known.retryAt = now() + RETRY_AFTER;
      const reason = messageOf(error);
      if (!this.#stop.signal.aborted) {
        this.#log.once(address, (suppressed) =>
          logger.warn(
            "Cannot link to gateway {address}, whose sessions clients want: {reason} ({suppressed} like this before)",
            { address, reason, suppressed },
          ));
      }
      throw error;
    }
  }

  #greet(address: string) {
    const { introduction, trust } = this.#options;
    const signal = AbortSignal.any([
      this.#stop.signal,
      AbortSignal.timeout(DIAL_TIMEOUT),
    ]);
    return dialLink(parseAddress(address), {
      address,
      introduction,
      trust,
      signal,
    });
  }
}
