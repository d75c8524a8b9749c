import { now } from "../base/clock.ts";

/** What a ping's number holds of the time: what fits into a small integer. */
const TIME_MASK = 0x7fff_ffff;

/** Whether the other end of a link gives signs of life, looked at once every heartbeat. */
export class Liveness {
  #isHeard = true;
  #missed = 0;
  /** Milliseconds that the last ping took to be answered. */
  roundTrip = 0;

  /** Heartbeats in a row without a byte. */
  get missed(): number {
    return this.#missed;
  }

  /** Hot: a byte came. */
  hear(): void {
    this.#isHeard = true;
  }

  /** A heartbeat is over: looks whether a byte came since the last one. */
  beat(): void {
    this.#missed = this.#isHeard ? 0 : this.#missed + 1;
    this.#isHeard = false;
  }

  /** The number that a ping is to have. */
  get ping(): number {
    return now() & TIME_MASK;
  }

  /** A ping of that number was answered. */
  onPong(ping: number): void {
    this.roundTrip = (now() & TIME_MASK) - ping;
  }
}
