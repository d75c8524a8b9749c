import type { ReportedEvent } from "../observe/report.ts";

/** Most tellers that are remembered; whoever was silent longest is forgotten first. */
const MAX_TELLERS = 2_000;

/** Events that are remembered of each, which is more than a node tells. */
const MAX_EVENTS = 40;

/**
 * Which events were told before. Each report of a node repeats its last ones, and a
 * node that was away for a while, or whose Register was, still tells them when it is
 * back.
 */
export class SeenEvents {
  readonly #tellers = new Map<string, Set<string>>();

  /**
   * Takes what is told, by one that goes by several names: roles that share a process
   * tell the same events, and an address may change.
   *
   * @returns What none of these names has told before, in the same order.
   */
  take<Event extends ReportedEvent>(
    names: readonly string[],
    events: readonly Event[],
  ): Event[] {
    const tellers = names.map((name) => this.#teller(name));
    const found = events.filter((event) => {
      const key = keyOf(event);
      const isNew = !tellers.some((told) => told.has(key));
      for (const told of tellers) {
        // What was told last is forgotten last.
        told.delete(key);
        told.add(key);
      }
      return isNew;
    });
    for (const told of tellers) shrink(told, MAX_EVENTS);
    shrink(this.#tellers, MAX_TELLERS);
    return found;
  }

  #teller(name: string): Set<string> {
    const told = this.#tellers.get(name) ?? new Set();
    this.#tellers.delete(name);
    this.#tellers.set(name, told);
    return told;
  }
}

/** Its time alone would not do: a clock may be set back. */
function keyOf({ time, text }: ReportedEvent): string {
  return `${time} ${text}`;
}

function shrink(
  collection: Pick<Map<string, unknown>, "size" | "keys" | "delete">,
  most: number,
): void {
  for (const key of collection.keys()) {
    if (collection.size <= most) return;
    collection.delete(key);
  }
}
