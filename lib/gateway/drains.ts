import { now } from "../base/clock.ts";
import { Pace } from "../base/pace.ts";
import { becomesSo } from "../base/pause.ts";
import { checkRanges } from "../base/quantity.ts";
import { roomLogger } from "../observe/logger.ts";
import type { DrainReport } from "../observe/report.ts";
import type { Core } from "./core.ts";
import type { ResolvedGatewayOptions } from "./options.ts";
import { GATEWAY_QUANTITIES } from "./quantities.ts";

const logger = roomLogger("gateway");

/** The part of `stopTimeout` in which all clients have their turn. */
const DRAIN_PART = 0.75;

/** How often it is looked who has gone, in milliseconds. */
const LOOK = 10;

/** What those may take that had just connected as the stop began, in milliseconds. */
const ARRIVAL_TIME = 500;

/** For how long gateways count that are not listed any more, in milliseconds. */
const MEMORY = 15_000;

/** For how long it is waited without anybody going, in milliseconds. */
const PATIENCE = 10_000;

/** Options for `Gateway.drain`. */
export interface GatewayDrainOptions {
  /**
   * Clients a second; 0 for all at once.
   *
   * @default {500} Or what `drainRate` says.
   */
  readonly rate?: number;
  /**
   * Who wants it, for the log.
   *
   * @default {"the program"}
   */
  readonly by?: string;
}

/** Options for `Gateway.rebalance`. */
export interface RebalanceOptions extends GatewayDrainOptions {
  /** Which part of the clients, above 0 and up to 1. */
  readonly share: number;
}

/** Sends the clients of a gateway away, and waits until they have gone. */
export class Drains {
  readonly #core: Core;
  readonly #options: ResolvedGatewayOptions;
  readonly #hasArrivals: () => boolean;
  #isFinishing = false;
  #hasOthers = false;
  /** When Registers listed another gateway for the last time, `now()`. */
  #othersAt = -Infinity;

  /**
   * @param core Has the clients.
   * @param options Say how fast, and for how long.
   * @param hasArrivals Whether somebody has connected who is no client yet.
   */
  constructor(
    core: Core,
    options: ResolvedGatewayOptions,
    hasArrivals: () => boolean,
  ) {
    this.#core = core;
    this.#options = options;
    this.#hasArrivals = hasArrivals;
  }

  /**
   * Registers list so many other gateways. A Register that was just started lists none
   * at first: so those count on that were there a moment ago.
   */
  onList(others: number): void {
    if (others > 0 || this.#hasOthers) this.#othersAt = now();
    this.#hasOthers = others > 0;
  }

  /** See `Gateway.drain`. */
  async drain(options: GatewayDrainOptions): Promise<DrainReport> {
    const rate = this.#rateOf(options);
    logger.info(
      "Sends {clients} clients away, {rate} a second, as {by} wants",
      {
        clients: this.#core.table.size,
        ...shown(options, rate),
      },
    );
    this.#core.sendAway({ rate });
    return await this.#drained();
  }

  /** See `Gateway.cancelDrain`. */
  cancel({ by = "the program" }: Pick<GatewayDrainOptions, "by">): DrainReport {
    if (!this.#isFinishing) {
      this.#core.stay();
      logger.info(
        "Sends no more clients away, and lets others in, as {by} wants",
        {
          by,
        },
      );
    }
    return this.#core.drain.figures;
  }

  /** See `Gateway.rebalance`. */
  async rebalance(
    { share, ...options }: RebalanceOptions,
  ): Promise<DrainReport> {
    if (!(share > 0 && share <= 1)) {
      throw new RangeError(
        `Cannot rebalance as the share must be > 0 and <= 1: current value is ${share}`,
      );
    }
    const rate = this.#rateOf(options);
    const clients = this.#core.rebalance(share, { rate });
    logger.info(
      "Has {clients} clients connect anew, {rate} a second, as {by} wants",
      { clients, ...shown(options, rate) },
    );
    return await this.#drained();
  }

  /**
   * Gives all clients their turn, and those that go to another gateway the time to.
   *
   * @returns Milliseconds that are left of `stopTimeout`.
   */
  async finish(): Promise<number> {
    this.#isFinishing = true;
    const { stopTimeout } = this.#options;
    const pace = new Pace(LOOK);
    const start = pace.time;
    const within = stopTimeout * DRAIN_PART;
    const rate = this.#rateOf({});
    const hasElsewhere = this.#hasOthers ||
      now() - this.#othersAt < MEMORY;
    const { size } = this.#core.table;
    if (size / rate * 1_000 > within) {
      logger.info(
        "Sends {clients} clients away within {within} ms, faster than {rate} a second",
        { clients: size, within, rate },
      );
    }
    this.#core.sendAway({ rate, within, hasElsewhere });
    const { drain } = this.#core;
    // Whoever has connected is let in, and sent away in turn: not cut off.
    const isNobodyLeft = () => !this.#hasArrivals() && drain.isDone;
    const grace = Math.min(ARRIVAL_TIME, within);
    if (!await becomesSo(isNobodyLeft, grace, LOOK)) {
      await becomesSo(() => drain.isDone, within - grace, LOOK);
    }
    pace.tick();
    return Math.max(0, stopTimeout - (pace.time - start));
  }

  #rateOf({ rate = this.#options.drainRate }: GatewayDrainOptions): number {
    const { drainRate } = GATEWAY_QUANTITIES;
    checkRanges("send clients away", { rate: drainRate }, { rate });
    return rate === 0 ? Infinity : rate;
  }

  /** Waits until all who were sent away have gone, as long as somebody goes. */
  async #drained(): Promise<DrainReport> {
    const { drain } = this.#core;
    const left = () => drain.figures.waiting + drain.figures.going;
    let before: number;
    const hasFewer = () => this.#isFinishing || left() < before;
    do before = left(); while (
      before > 0 && !this.#isFinishing &&
      await becomesSo(hasFewer, PATIENCE, LOOK)
    );
    return drain.figures;
  }
}

function shown({ by = "the program" }: GatewayDrainOptions, rate: number) {
  return { by, rate: rate === Infinity ? "all" : rate };
}
