import { pause } from "../base/pause.ts";
import { REGISTER_AGE } from "./census.ts";
import type { GatewayStream } from "./gateway_stream.ts";

/** How long what came while this process stood still may take to be read, in milliseconds. */
const THAW_TIME = 1_000;

/** Milliseconds of standing still after which witnesses may have taken a worker for gone. */
const WITNESS_PATIENCE = 1_000 * REGISTER_AGE;

/** Heartbeats of standing still after which gateways have given a worker up. */
const GATEWAY_PATIENCE = 3;

/** Version of a link from which on a gateway says that it gives a worker up. */
const SAYS_GIVEN_UP = 3;

/** What {@linkcode Thaw} goes by. */
export interface ThawOptions {
  /** Milliseconds between two heartbeats on a link. */
  readonly linkHeartbeat: number;
  /** How often a link to a Register was lost so far. */
  readonly lostRegisters: () => number;
  /** Asks whether a Register's list is whole by now. */
  readonly isListWhole: () => Promise<boolean>;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/**
 * Decides after this process stood still whose clients are still its own: all, but
 * for those that others have taken over. A gateway that gave it up meanwhile has said
 * so, which is read before the end of its link. Of a gateway that just died this
 * worker closes the clients, unless a Register forgot the worker, or was started anew
 * long ago without it: then witnesses have closed them.
 */
export class Thaw {
  readonly #options: ThawOptions;
  readonly #undecided: GatewayStream[] = [];
  #lostRegisters = 0;
  /** Whether it is being decided. */
  isUnderWay = false;

  /** @param options What it goes by. */
  constructor(options: ThawOptions) {
    this.#options = options;
  }

  /** This process does not stand still. To be called at intervals. */
  tick(): void {
    if (!this.isUnderWay) this.#lostRegisters = this.#options.lostRegisters();
  }

  /** Whether the clients of a dead gateway wait for the decision; then `begin` returns it. */
  defers(stream: GatewayStream): boolean {
    if (this.isUnderWay) this.#undecided.push(stream);
    return this.isUnderWay;
  }

  /**
   * Reads on for a moment, then decides.
   *
   * @param stoodStill For how many milliseconds.
   * @param streams All, those whose links were lost too.
   * @returns Streams of gateways that were found dead meanwhile.
   */
  async begin(
    stoodStill: number,
    streams: readonly GatewayStream[],
  ): Promise<readonly GatewayStream[]> {
    if (this.isUnderWay) return [];
    this.isUnderWay = true;
    const { linkHeartbeat, lostRegisters, isListWhole, signal } = this.#options;
    await pause(THAW_TIME, signal);
    const isForgotten = stoodStill >= WITNESS_PATIENCE &&
      lostRegisters() > this.#lostRegisters && await isListWhole();
    const isOverdue = stoodStill >= GATEWAY_PATIENCE * linkHeartbeat;
    for (const stream of streams) {
      if (stream.link.isOpen) continue;
      stream.endedUnseen = true;
      const saysNothing = stream.link.peer.version < SAYS_GIVEN_UP;
      stream.isGivenUp ||= isForgotten || isOverdue && saysNothing;
    }
    this.isUnderWay = false;
    return this.#undecided.splice(0);
  }
}
