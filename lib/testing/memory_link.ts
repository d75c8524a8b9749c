import { type Address, formatAddress } from "../base/address.ts";
import { LinkClosedError, LinkFullError } from "../base/errors.ts";
import { type LinkedGateway, linkGateway } from "../cluster/linked_gateway.ts";
import type { LinkedGateways } from "../cluster/linked_gateways.ts";
import { DEFAULT_LINK_BUFFER } from "../cluster/outflow.ts";
import type { Core } from "../gateway/core.ts";
import type { LinkedPeer } from "../link/linked_peer.ts";
import type { LinkOwner } from "../link/link_owner.ts";
import { LINK_VERSIONS } from "../link/link_version.ts";
import { MemoryStream } from "./memory_stream.ts";

/** Where the gateway would be, if it had a port. */
export const GATEWAY: Address = { hostname: "127.0.0.1", port: 2000 };

/** What the worker is called, which is the only one. */
export const WORKER = "worker";

/**
 * The real link of a gateway and a worker, over a connection in memory; and what the
 * cluster API wants to know of the links to all gateways, where this is the only one.
 */
export class MemoryLink implements LinkedGateways, AsyncDisposable {
  readonly #core: Core;
  readonly #gateway: LinkedGateway;
  #state: "new" | "open" | "closed" = "new";

  /**
   * @param core The gateway.
   * @param owner Takes the events, as a worker does.
   */
  constructor(core: Core, owner: LinkOwner) {
    const [gatewayEnd, workerEnd] = MemoryStream.pair();
    this.#core = core;
    this.#gateway = linkGateway(workerEnd, peer("gateway"), {
      gatewayId: core.gatewayId,
      owner,
      gatherWithin: 0,
      linkBuffer: DEFAULT_LINK_BUFFER,
      onClosed: () => this.#state = "closed",
    });
    core.links.open(gatewayEnd, peer(WORKER));
  }

  /** The handler has started: now the gateway is known, as it is to a worker. */
  start(): void {
    this.#state = "open";
    this.link.start();
  }

  /** Whether the gateway is linked. */
  get isKnown(): boolean {
    return this.#state === "open";
  }

  /** Whether it was disposed. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** The worker's end. */
  get link(): LinkedGateway["link"] {
    return this.#gateway.link;
  }

  /** The gateway. */
  *all(): IterableIterator<LinkedGateway> {
    if (this.isKnown) yield this.#gateway;
  }

  /** The gateway, if its clients' ids begin so. */
  get(gatewayId: string): LinkedGateway | undefined {
    const isMeant = gatewayId === this.#gateway.gatewayId;
    return this.isKnown && isMeant ? this.#gateway : undefined;
  }

  /** In a handler's `start` event nobody has told of gateways yet. */
  known(): Promise<void> {
    if (this.isKnown) return Promise.resolve();
    return Promise.reject(
      new LinkClosedError(
        "Cannot ask the gateways: none is known before the start event is over",
      ),
    );
  }

  /** None. */
  missing(): string[] {
    return [];
  }

  /** More was sent in one turn than a link holds. */
  refuse({ address, link }: LinkedGateway): LinkFullError {
    return new LinkFullError(address, link.log.pendingBytes);
  }

  /** Closes both ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    // One that was never read does not hear that the other end leaves.
    if (this.#state === "new") this.link.start();
    await this.#core.links.leave();
    await this.link.closed;
  }
}

function peer(role: "gateway" | "worker"): LinkedPeer {
  return {
    role,
    name: role,
    instance: role,
    address: formatAddress(GATEWAY),
    version: LINK_VERSIONS.highest,
  };
}
