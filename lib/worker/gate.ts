/**
 * Hot: what handlers answer must find room on its way to the gateway.
 *
 * @module
 */
import type { Link } from "../link/link.ts";

/** Who goes on when there is room. */
export interface Held {
  /** There is room: it goes on, or is held again. */
  resume(): void;
}

/**
 * Holds lanes while much waits to leave for their gateway. Events that are held are not
 * acknowledged, so the gateway's window fills, and it reads less of its clients: who asks
 * for much gets it at the pace of the link, and nobody's answer is lost for that.
 */
export class Gate {
  readonly #held = new Set<Held>();
  #link: Link | undefined;

  /** The link, once it is there. */
  set link(link: Link) {
    this.#link = link;
  }

  /** Whether anybody is held. */
  get isShut(): boolean {
    return this.#held.size > 0;
  }

  /** Hot: whether it may go on; if not, it is resumed when it may, after those before it. */
  mayPass(held: Held): boolean {
    if (this.#isOpen) return true;
    this.#held.add(held);
    return false;
  }

  /** Bytes have left, or the link is gone: as many go on as there is room for. */
  release(): void {
    // Who is held again stands behind all others.
    for (const held of this.#held) {
      if (!this.#isOpen) return;
      this.#held.delete(held);
      held.resume();
    }
  }

  /** A link that is gone takes nothing, and nobody waits for it. */
  get #isOpen(): boolean {
    const link = this.#link;
    return link === undefined || !link.isHigh || !link.isOpen;
  }
}
