import type { GatewayView } from "./gateway_view.ts";
import { PresenceLane, type PresenceLaneOwner } from "./presence_lane.ts";
import { Roll, type RollOptions } from "./roll.ts";

/** Milliseconds after which a worker answers for a name of which gateways disagree. */
const SETTLE_TIME = 1_000;

/**
 * A name that some gateway has this worker answer for. It tells who is there while all
 * gateways agree that it is the one; if they do not for long, it tells it as what another
 * worker may have told as well.
 */
export class Charge {
  /** The reckoning. */
  readonly roll: Roll;
  /** Tells handlers. */
  readonly lane: PresenceLane;
  /** Gateways that are to be told all that there is. */
  readonly wanting: Set<GatewayView> = new Set();
  #state: "waiting" | "telling" | "yielding" = "waiting";
  /** Since when it waits. */
  #since: number;

  /**
   * @param name The name.
   * @param grace Milliseconds that users are waited for.
   * @param owner What lanes share.
   * @param time The time now.
   * @param options What makes its reckoning differ from others.
   */
  constructor(
    name: string,
    grace: number,
    owner: PresenceLaneOwner,
    time: number,
    options: RollOptions,
  ) {
    this.roll = new Roll(name, grace, options);
    this.lane = new PresenceLane(this.roll, owner);
    this.#since = time;
  }

  /** Whether gateways wait until it has let go. */
  get isYielding(): boolean {
    return this.#state === "yielding";
  }

  /** Whether it waits for gateways to agree. */
  get isWaiting(): boolean {
    return this.#state === "waiting";
  }

  /**
   * Looks whether gateways agree.
   *
   * @returns Whether it has begun to tell: then all gateways want to know all.
   */
  review(gateways: readonly GatewayView[], time: number): boolean {
    const { name } = this.roll;
    if (this.#state === "waiting") {
      const isAgreed = gateways.every((each) => each.isWhole(name));
      if (!isAgreed && !this.#isLate(gateways, time)) return false;
      this.roll.activate(time, !isAgreed);
      this.#state = "telling";
      return true;
    }
    if (this.#state !== "telling") return false;
    const isAgreed = gateways.every((each) =>
      !each.hasSpoken || each.has(name)
    );
    if (isAgreed) this.roll.activate(time, false);
    else {
      this.roll.withhold();
      this.#state = "yielding";
    }
    return false;
  }

  /** It has let go. */
  letGo(time: number): void {
    this.roll.deactivate();
    this.#state = "waiting";
    this.#since = time;
  }

  #isLate(gateways: readonly GatewayView[], time: number): boolean {
    return time - this.#since >= SETTLE_TIME &&
      gateways.some((each) => each.has(this.roll.name));
  }
}
