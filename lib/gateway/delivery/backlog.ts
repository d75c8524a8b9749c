import { type Client, costOf, type KeptEvent } from "../clients/client.ts";
import type { DeliveryLimits } from "./delivery_limits.ts";

/** What a gateway holds of its clients' events, apart from what is on its way. */
export class Backlog {
  readonly #limits: DeliveryLimits;
  /** What the events count for that wait for their turn. */
  waiting = 0;
  /** What those count for that workers have, and take long over. */
  kept = 0;

  /** @param limits What it may be. */
  constructor(limits: DeliveryLimits) {
    this.#limits = limits;
  }

  /** Whether it is so much that nobody is read who has events waiting. */
  get isFull(): boolean {
    return this.waiting + this.kept >= this.#limits.parkTotal;
  }

  /** Hot: whether workers take long over so much that no client may add a whole window. */
  get isCrowded(): boolean {
    return this.kept >= this.#limits.parkTotal;
  }

  /**
   * Whether one more event of a client may go to its worker; it is counted then.
   *
   * @param isDone Whether the worker has done all that it got of the client.
   */
  takes(client: Client, event: KeptEvent, isDone: boolean): boolean {
    if (!this.isCrowded) return true;
    if (isDone) client.crowdCost = 0;
    if (client.crowdCost >= this.#limits.parkBytes) return false;
    client.crowdCost += costOf(event);
    return true;
  }
}
