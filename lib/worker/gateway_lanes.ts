/**
 * Hot: the clients of one gateway, as far as its worker knows of them.
 *
 * @module
 */
import type { Link } from "../link/link.ts";
import { formatClientId } from "../wire/bodies/client_id.ts";
import { decodeClientState } from "../wire/bodies/client_state.ts";
import { decodeName } from "../wire/bodies/name.ts";
import type { FrameHeader } from "../wire/frame.ts";
import { Lane, type LaneOwner } from "./lane.ts";
import { decodeWitnessed, type Witnessed } from "./testament.ts";
import { TurnedAway } from "./turned_away.ts";

/**
 * The lanes of one gateway's clients; those clients of other workers that this one is a
 * witness of, so that it closes them if their worker is gone together with the gateway;
 * and those of which nothing can be read.
 */
export class GatewayLanes {
  readonly #gatewayId: string;
  readonly #owner: LaneOwner;
  readonly #lanes = new Map<number, Lane>();
  readonly #witnessed = new Map<number, Witnessed>();
  readonly #turnedAway = new TurnedAway();

  /**
   * @param gatewayId The 12 hex digits that the clients' ids begin with.
   * @param owner What the lanes share.
   */
  constructor(gatewayId: string, owner: LaneOwner) {
    this.#gatewayId = gatewayId;
    this.#owner = owner;
  }

  /** Clients of this worker. */
  get size(): number {
    return this.#lanes.size;
  }

  /** Instances of the workers whose clients this one is a witness of, once for each client. */
  get witnessed(): readonly string[] {
    return Array.from(this.#witnessed.values(), ({ worker }) => worker);
  }

  /** Clients of other workers that this one is a witness of. */
  get witnesses(): number {
    return this.#witnessed.size;
  }

  /** All lanes. */
  all(): IterableIterator<Lane> {
    return this.#lanes.values();
  }

  /** The lane of a client, if it has one. */
  find(connectionId: number): Lane | undefined {
    return this.#lanes.get(connectionId);
  }

  /** Hot: the lane of a client, a new one if it has none. */
  laneOf(connectionId: number): Lane {
    let lane = this.#lanes.get(connectionId);
    if (lane === undefined) {
      const clientId = formatClientId(this.#gatewayId, connectionId);
      lane = new Lane(connectionId, clientId, this.#owner);
      this.#lanes.set(connectionId, lane);
    }
    return lane;
  }

  /** The gateway says of which trace an event of a client is that comes next. */
  expectTraced(
    { connectionId, number }: FrameHeader,
    traceparent: Uint8Array,
  ): void {
    const { traces } = this.#owner;
    if (traces === undefined) return;
    const clientId = formatClientId(this.#gatewayId, connectionId);
    traces.expect(`${clientId}-${number}`, decodeName(traceparent));
  }

  /** Hot: whether a client was turned away, and its end has not come yet. */
  isTurnedAway(connectionId: number): boolean {
    return this.#turnedAway.has(connectionId);
  }

  /** The end of a client came that was turned away. */
  readmit(connectionId: number): void {
    this.#turnedAway.delete(connectionId);
  }

  /** A client is done: its close event was handled. */
  close(connectionId: number): void {
    this.#lanes.delete(connectionId);
  }

  /** A client is another worker's now. */
  unbind(connectionId: number): void {
    this.#lanes.delete(connectionId);
    this.#turnedAway.delete(connectionId);
  }

  /** A gateway tells what it knows of a client. */
  adopt(link: Link, connectionId: number, head: Uint8Array): void {
    const decode = () => decodeClientState(head);
    const state = this.#turnedAway.read(link, connectionId, decode);
    if (state !== undefined && !this.#turnedAway.has(connectionId)) {
      this.laneOf(connectionId).adopt(state);
    } else if (!this.#lanes.has(connectionId)) {
      this.#turnedAway.add(connectionId);
    }
  }

  /** A gateway tells of a client of another worker. */
  witness(link: Link, connectionId: number, head: Uint8Array): void {
    const decode = () => decodeWitnessed(head);
    const witnessed = this.#turnedAway.read(link, connectionId, decode);
    if (witnessed !== undefined) this.#witnessed.set(connectionId, witnessed);
  }

  /** This worker is a witness of a client no more. */
  unwitness(connectionId: number): void {
    this.#witnessed.delete(connectionId);
  }

  /** Makes the clients of a worker that is gone this one's own; returns their lanes. */
  inherit(worker: string): Lane[] {
    const lanes: Lane[] = [];
    for (const [connectionId, { worker: bound, state }] of this.#witnessed) {
      if (bound !== worker) continue;
      this.#witnessed.delete(connectionId);
      const lane = this.laneOf(connectionId);
      lane.adopt(state);
      lanes.push(lane);
    }
    return lanes;
  }
}
