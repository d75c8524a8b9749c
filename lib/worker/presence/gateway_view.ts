import type { Link } from "../../link/link.ts";
import {
  type PresenceView,
  Responsibility,
} from "../../wire/bodies/presence_view.ts";

/** One gateway, and which names it has this worker answer for. */
export class GatewayView {
  readonly #instance: string;
  #now: Responsibility | undefined;
  /** Those since the last one of which all was said that follows from it, with that one. */
  #since: Responsibility[] = [];
  #hasSettled = false;
  /** The link to it. */
  readonly link: Link;
  /** The number of its view. */
  view = 0;
  /** The view of which it waits to hear that this worker has let go; 0 if it does not. */
  owed = 0;

  /**
   * @param link The link to it.
   * @param instance This worker.
   */
  constructor(link: Link, instance: string) {
    this.link = link;
    this.#instance = instance;
  }

  /** It knows other workers by now, or has said all that follows from that. */
  hear({ view, workers }: PresenceView): void {
    if (workers === undefined) {
      if (view === this.view) {
        this.#since = this.#since.slice(-1);
        this.#hasSettled = true;
      }
      return;
    }
    this.#now = new Responsibility(workers);
    this.#since.push(this.#now);
    this.view = this.owed = view;
  }

  /** Whether it has said which workers it knows. */
  get hasSpoken(): boolean {
    return this.#now !== undefined;
  }

  /** Whether it has this worker answer for a name. */
  has(name: string): boolean {
    return this.#now?.of(name) === this.#instance;
  }

  /** Whether it does, and has said all that it has of it, and took none of it back. */
  isWhole(name: string): boolean {
    return this.#hasSettled &&
      this.#since.every((each) => each.of(name) === this.#instance);
  }
}
