import { Dialer } from "../link/dialer.ts";
import type { Introduction } from "../link/handshake.ts";
import type { Link } from "../link/link.ts";
import { shardOf } from "../nats/subjects.ts";
import type { Trust } from "../peer/trust.ts";
import { readActiveShards } from "../wire/bodies/shards.ts";
import { Command } from "../wire/command.ts";
import type { FrameHeader } from "../wire/frame.ts";
import type { LinkedBridge } from "./linked_bridge.ts";
import { linkGateway } from "./linked_gateway.ts";
import { SendsAbroad } from "./sends_abroad.ts";

/** How {@linkcode BridgeLinks} link. */
export interface BridgeLinksOptions {
  /** What the caller says of itself. */
  readonly introduction: Introduction;
  /** What the caller believes and shows. */
  readonly trust: Trust;
  /** Milliseconds that frames may wait for others; 0 for never. */
  readonly gatherWithin: number;
  /** Bytes that may wait to leave for one bridge. */
  readonly linkBuffer: number;
  /** Bytes left for a bridge, or it said how far it has read. */
  readonly onWritten: () => void;
}

/**
 * A link to every bridge that any Register knows. They are no gateways: who asks the
 * gateways of its own cluster does not ask them, and does not miss them.
 */
export class BridgeLinks {
  readonly #options: BridgeLinksOptions;
  readonly #dialers = new Map<string, Dialer>();
  readonly #linked = new Set<LinkedBridge>();
  #isClosed = false;
  /** What is sent to other cells and wants no answer. */
  readonly sends: SendsAbroad = new SendsAbroad((shard) =>
    this.forShard(shard)
  );

  /** Knows of none yet. */
  constructor(options: BridgeLinksOptions) {
    this.#options = options;
  }

  /** How many are linked. */
  get size(): number {
    return this.#linked.size;
  }

  /** Hot: whether there are other cells, as far as Registers know, or were until just now. */
  get isExpected(): boolean {
    return this.#dialers.size > 0 || this.sends.shards > 0;
  }

  /** Those that are linked. */
  all(): IterableIterator<LinkedBridge> {
    return this.#linked.values();
  }

  /** What this cluster is called among the cells; `undefined` if no bridge is there. */
  get cell(): string | undefined {
    for (const { active } of this.#linked) {
      if (active.cell !== "") return active.cell;
    }
    return undefined;
  }

  /** The shard of a uid's or group's name; `undefined` if no bridge ever said how many there are. */
  shardOf(name: string): number | undefined {
    const { shards } = this.sends;
    return shards === 0 ? undefined : shardOf(name, shards);
  }

  /**
   * The bridge that is active for a shard: of two that say so, the newer one. Where none
   * is, one that stands by, and holds what it is sent until it is active.
   */
  forShard(shard: number): LinkedBridge | undefined {
    let newest: LinkedBridge | undefined;
    let epoch = -1;
    for (const bridge of this.#linked) {
      const its = bridge.active.epochs[shard] ?? -1;
      if (its > epoch) [newest, epoch] = [bridge, its];
    }
    return newest;
  }

  /** Registers tell where bridges are. */
  list(addresses: ReadonlySet<string>): void {
    if (this.#isClosed) return;
    for (const [address, dialer] of this.#dialers) {
      // One that is linked is there, whatever the Registers say.
      if (addresses.has(address) || dialer.link?.isOpen) continue;
      this.#dialers.delete(address);
      void dialer.close();
    }
    for (const address of addresses) this.#dial(address);
  }

  /** Dials no more, and closes every link after what is queued was written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(
      Array.from(this.#dialers.values(), (dialer) => dialer.close()),
    );
  }

  #onFrame(bridge: LinkedBridge, header: FrameHeader, body: Uint8Array): void {
    switch (header.command) {
      case Command.Shards:
        bridge.active = readActiveShards(body);
        this.sends.divide(bridge.active.epochs.length, this.#linked);
        return this.sends.look();
      case Command.Crossed:
        return this.sends.confirm(header.connectionId, header.number);
    }
  }

  #dial(address: string): void {
    if (this.#dialers.has(address)) return;
    const { introduction, trust } = this.#options;
    const dialer = new Dialer({
      address,
      introduction,
      trust,
      open: (conn, peer, { gatewayId }) => {
        const { gatherWithin, linkBuffer, onWritten } = this.#options;
        const bridge: LinkedBridge = Object.assign(
          linkGateway(conn, peer, {
            gatewayId,
            gatherWithin,
            linkBuffer,
            owner: {
              onFrame: (header, buffer, start, end) =>
                this.#onFrame(bridge, header, buffer.slice(start, end)),
              onClosed: () => {},
              onWritten,
              onRead: onWritten,
            },
            onClosed: () => {
              this.#linked.delete(bridge);
              if (!this.#isClosed) this.sends.look();
            },
          }),
          { active: { cell: "", epochs: [] } },
        );
        this.#linked.add(bridge);
        this.sends.greet(bridge);
        bridge.link.start();
        return bridge.link as Link;
      },
    });
    this.#dialers.set(address, dialer);
    dialer.start();
  }
}
