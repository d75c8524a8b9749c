import type { Interest } from "../../link/interest.ts";
import type { Home } from "../home/home.ts";
import type { Pair } from "./pair.ts";

/** Most names that are remembered; the oldest are forgotten first. */
const MAX_NAMES = 10_000;

/**
 * Hot: names that other cells have sent something for, and of which gateways here may
 * say that nobody has them: then these cells hear it at once, and not at their next
 * send. To forget one is safe: it costs one frame more.
 */
export class AskedNames {
  readonly #home: Pick<Home, "hasNobody">;
  readonly #told: Pick<Interest, "absent">;
  readonly #pairs = new Map<string, Pair[]>();

  /**
   * @param home The gateways here.
   * @param told Which cells were told that nobody here has a name.
   */
  constructor(
    home: Pick<Home, "hasNobody">,
    told: Pick<Interest, "absent">,
  ) {
    this.#home = home;
    this.#told = told;
  }

  /** A cell has sent something for a name: tells it if nobody has it, or notes that it may. */
  ask(name: string, pair: Pair): void {
    if (this.#home.hasNobody(name)) return this.#told.absent(name, pair);
    const pairs = this.#pairs.get(name);
    if (pairs !== undefined) {
      if (!pairs.includes(pair)) pairs.push(pair);
      return;
    }
    this.#pairs.set(name, [pair]);
    if (this.#pairs.size <= MAX_NAMES) return;
    for (const oldest of this.#pairs.keys()) {
      this.#pairs.delete(oldest);
      return;
    }
  }

  /** A gateway has nobody of a name; returns whether some cell was told that nobody has. */
  absent(name: string): boolean {
    const pairs = this.#pairs.get(name);
    if (pairs === undefined || !this.#home.hasNobody(name)) return false;
    this.#pairs.delete(name);
    for (const pair of pairs) this.#told.absent(name, pair);
    return true;
  }

  /** A cell is gone. */
  forget(pair: Pair): void {
    for (const [name, pairs] of this.#pairs) {
      const left = pairs.filter((each) => each !== pair);
      if (left.length > 0) this.#pairs.set(name, left);
      else this.#pairs.delete(name);
    }
  }
}
