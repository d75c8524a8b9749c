import { messageOf } from "../base/errors.ts";
import { KNOWS_TAPS } from "../link/link_version.ts";
import type { OriginalOptions } from "../original/originals.ts";
import { Trust, type TrustOptions } from "../peer/trust.ts";
import {
  decodeTapRow,
  encodeTapOrder,
  MAX_TAP_NAMES,
  readTapOrder,
  type TapOrder,
  type TapRow,
} from "../wire/bodies/tap.ts";
import { Command } from "../wire/command.ts";
import { DEFAULT_GATHER_WITHIN } from "../wire/gatherer.ts";
import { GatewayLinks } from "./gateway_links.ts";
import type { LinkedGateway } from "./linked_gateway.ts";
import { DEFAULT_LINK_BUFFER } from "./outflow.ts";
import { TapFeed, type TapItem } from "./tap_feed.ts";

/** Milliseconds that a gateway may take to say that it taps. */
const TIMEOUT = 5_000;

/** Where the cluster is whose clients are tapped. */
export interface TapClientOptions extends TrustOptions, OriginalOptions {
  /** Addresses of the Registers, `host:port`. */
  readonly register: readonly string[];
}

/**
 * Taps clients on all gateways of a cluster, those that come later included, and
 * follows a client to where it moves. It has links of its own: gateways show frames as
 * long as these last.
 */
export class TapClient implements AsyncDisposable {
  readonly #gateways: GatewayLinks;
  readonly #feed = new TapFeed();
  #order: TapOrder;

  private constructor(gateways: GatewayLinks, order: TapOrder) {
    this.#gateways = gateways;
    this.#order = order;
  }

  /**
   * Begins to tap.
   *
   * @param options Where the cluster is.
   * @param order Whose frames, and what of them.
   * @throws {TypeError} If an address or the order is none.
   * @throws {LinkClosedError} If no Register answers in time.
   */
  static async open(
    options: TapClientOptions,
    order: TapOrder,
  ): Promise<TapClient> {
    readTapOrder({ ...order });
    const trust = await Trust.load(options);
    const gateways = new GatewayLinks({
      registers: options.register,
      trust,
      introduction: {
        role: "client",
        name: "tap",
        instance: crypto.randomUUID(),
      },
      linkHeartbeat: 5_000,
      gatherWithin: DEFAULT_GATHER_WITHIN,
      linkBuffer: DEFAULT_LINK_BUFFER,
      original: options,
    });
    const tap = new TapClient(gateways, order);
    gateways.start({
      ownerOf: ({ address }) => ({
        onFrame: ({ command }, buffer, start, end) => {
          if (command !== Command.TapRow) return;
          tap.#onRow(decodeTapRow(buffer.subarray(start, end)), address);
        },
        onClosed: () => tap.#feed.note(`Gateway ${address} is gone`),
      }),
      onUp: (gateway) => void tap.#begin(gateway),
    });
    try {
      await gateways.known(TIMEOUT);
    } catch (error) {
      await tap[Symbol.asyncDispose]();
      throw error;
    }
    return tap;
  }

  /** Waits for the next frame, or word about the tap; `undefined` after its end. */
  next(): Promise<TapItem | undefined> {
    return this.#feed.next();
  }

  /** Taps no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#feed.end();
    await this.#gateways[Symbol.asyncDispose]();
  }

  async #begin({ link, address }: LinkedGateway): Promise<void> {
    if (link.peer.version < KNOWS_TAPS || link.peer.isOriginal) {
      return this.#feed.note(
        `Gateway ${address} cannot be tapped: it is older`,
      );
    }
    const { id, reply } = link.pending.add(TIMEOUT);
    link.sendHeaded(Command.Tap, 0, id, encodeTapOrder(this.#order));
    try {
      await reply;
      this.#feed.note(`Tapping at gateway ${address}`);
    } catch (error) {
      if (!link.isOpen) return;
      const reason = messageOf(error);
      this.#feed.note(`Gateway ${address} is not tapped: ${reason}`);
    }
  }

  /** A client that has moved has another id there, by which it is known at the next one. */
  #onRow(row: TapRow, address: string): void {
    const { subject, names } = this.#order;
    const { client } = row;
    if (subject === "client" && client !== "" && !names.includes(client)) {
      this.#order = {
        ...this.#order,
        names: [...names, client].slice(-MAX_TAP_NAMES),
      };
      this.#feed.note(`The client is ${client} now, at gateway ${address}`);
      for (const { link } of this.#gateways.all()) {
        if (link.peer.version < KNOWS_TAPS) continue;
        link.sendHeaded(Command.Tap, 0, 0, encodeTapOrder(this.#order));
      }
    }
    this.#feed.push(row);
  }
}
