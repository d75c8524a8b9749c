/**
 * The ways of calls into other cells: by the bridges of one's own.
 *
 * @module
 */
import type { Link } from "../link/link.ts";
import { CELL_MARK } from "../wire/bodies/client_id.ts";
import { type Crossing, encodeCrossing } from "../wire/bodies/crossing.ts";
import { Command } from "../wire/command.ts";
import { FrameCapture } from "../wire/frame_capture.ts";
import { FrameScratch } from "../wire/frame_scratch.ts";
import type { LinkedBridge } from "./linked_bridge.ts";
import type { LinkedGateways } from "./linked_gateways.ts";

/** What a command is appended to: a link, or a frame that another one will carry. */
export interface FrameTarget
  extends Pick<Link, "send" | "sendHeaded" | "sendMessage"> {
  /** Which version of the link protocol its reader speaks. */
  readonly peer: { readonly version: number };
}

/** Whom a command is for, as far as whoever writes it must know. */
export interface Addressee {
  /** What the ids of a gateway's clients begin with; empty for gateways of other cells. */
  readonly gatewayId: string;
  /** Where it is written. */
  readonly link: FrameTarget;
}

/** Writes a command, under a request id; 0 wants no answer. */
export type WriteCommand = (to: Addressee, id: number) => void;

/** The way of one call into other cells. */
export interface CellRoute {
  /** The bridge that takes it; `undefined` if none is linked. */
  readonly bridge: LinkedBridge | undefined;
  /**
   * Hands it to the bridge, under a request id. What wants no answer, 0, is kept, for
   * the next bridge if there is none now or this one is lost.
   */
  send(id: number): void;
}

/** No way at all. */
export const NO_ROUTES: readonly CellRoute[] = [];

/** Finds ways into other cells. */
export class Crossings {
  readonly #gateways: LinkedGateways;
  readonly #scratch = { gatewayId: "", link: new FrameScratch() };

  /** @param gateways Knows the bridges. */
  constructor(gateways: LinkedGateways) {
    this.#gateways = gateways;
  }

  /** Hot: whether there may be other cells. */
  get areAny(): boolean {
    return this.#gateways.bridges?.isExpected ?? false;
  }

  /** What one's own cell is called; `undefined` if no bridge says so. */
  get cell(): string | undefined {
    return this.#gateways.bridges?.cell;
  }

  /**
   * The ways of a command that means uids or groups, and that bridges take as it is;
   * none for names that nobody abroad has.
   *
   * @param names Them, as interest has them.
   * @param writerFor Returns what writes the command for some of them.
   */
  named(
    names: readonly string[],
    writerFor: (names: readonly string[]) => WriteCommand,
  ): readonly CellRoute[] {
    if (!this.areAny) return NO_ROUTES;
    const byShard = Map.groupBy(
      names,
      (name) => this.#gateways.bridges?.shardOf(name),
    );
    const routes: CellRoute[] = [];
    for (const [shard, its] of byShard) {
      const bridge = this.#bridgeOf(shard);
      if (bridge?.absent.hasAll(its)) continue;
      const write = writerFor(its);
      routes.push({
        bridge,
        send: (id) => {
          if (id === 0) return this.#keep(shard, its, write);
          if (bridge !== undefined) {
            write({ gatewayId: "", link: bridge.link }, id);
          }
        },
      });
    }
    return routes;
  }

  /** The way of any other command. */
  wrapped(crossing: Crossing, write: WriteCommand): readonly CellRoute[] {
    if (!this.areAny) return NO_ROUTES;
    const bridge = this.#bridgeOf(0);
    const { names = [] } = crossing;
    if (bridge?.absent.hasAll(names)) return NO_ROUTES;
    return [this.#wrap("", crossing, write)];
  }

  /**
   * The ways to clients of other cells.
   *
   * @param gatewayIds Their gateways, each behind its cell; others are passed over.
   */
  toGateways(
    gatewayIds: Iterable<string>,
    write: WriteCommand,
  ): readonly CellRoute[] {
    if (!this.areAny) return NO_ROUTES;
    const routes: CellRoute[] = [];
    for (const gatewayId of gatewayIds) {
      if (isAbroad(gatewayId)) routes.push(this.toGateway(gatewayId, write));
    }
    return routes;
  }

  /** The way to one gateway of another cell. */
  toGateway(gatewayId: string, write: WriteCommand): CellRoute {
    const [cell, gateway] = gatewayId.split(CELL_MARK);
    return this.#wrap(gatewayId, { cell, gateway }, write);
  }

  #wrap(
    gatewayId: string,
    crossing: Crossing,
    write: WriteCommand,
  ): CellRoute {
    const bridge = this.#bridgeOf(0);
    return {
      bridge,
      send: (id) => {
        // The answer is to the crossing, and carries its number.
        const frame = capture(gatewayId, write);
        const head = encodeCrossing(crossing);
        if (id !== 0) {
          return bridge?.link.sendHeaded(Command.Cross, 0, id, head, frame);
        }
        const cross: WriteCommand = ({ link }) =>
          link.sendHeaded(Command.Cross, 0, 0, head, frame);
        this.#keep(0, [], cross);
      },
    };
  }

  #bridgeOf(shard: number | undefined): LinkedBridge | undefined {
    return shard === undefined
      ? undefined
      : this.#gateways.bridges?.forShard(shard);
  }

  /** Hands over what wants no answer, for a shard; `undefined` if nobody knows which. */
  #keep(
    shard: number | undefined,
    names: readonly string[],
    write: WriteCommand,
  ): void {
    const { bridges } = this.#gateways;
    if (bridges === undefined) return;
    write(this.#scratch, 0);
    const { link: frame } = this.#scratch;
    if (shard === undefined || bridges.sends.shards === 0) {
      bridges.sends.sendEarly(names, frame);
    } else bridges.sends.send(shard, frame);
  }
}

/** Returns a command as a frame of its own. */
function capture(gatewayId: string, write: WriteCommand): Uint8Array {
  const frame = new FrameCapture();
  write({ gatewayId, link: frame }, 0);
  return frame.take();
}

/** Whether what a client's id begins with names a cell. */
export function isAbroad(gatewayId: string): boolean {
  return gatewayId.includes(CELL_MARK);
}
