import { RefusalList, tellRefusals } from "../link/refusal_list.ts";
import type { Link } from "../link/link.ts";
import { decodeRefusals } from "../wire/bodies/refusals.ts";

/** A gateway, as it is told what others know. */
export interface ToldGateway {
  /** Its link. */
  readonly link: Pick<Link, "send" | "peer" | "isOpen">;
}

/**
 * Brings the list of who may not come in from each gateway to all others: gateways have
 * no links with each other for that. One that is new learns the list from its first
 * worker; it is lost only when all gateways and workers are gone at the same time.
 */
export class RefusalRelay {
  readonly #list = new RefusalList();
  readonly #gateways: () => Iterable<ToldGateway>;

  /** @param gateways Those that are linked. */
  constructor(gateways: () => Iterable<ToldGateway>) {
    this.#gateways = gateways;
  }

  /** A gateway is linked: it is told all that is known. */
  onUp(link: ToldGateway["link"]): void {
    if (this.#list.size > 0) tellRefusals(link, this.#list.all());
  }

  /** A gateway tells of some: all others are told what was not known. */
  onRefusals(from: ToldGateway["link"], body: Uint8Array): void {
    const fresh = this.#list.take(decodeRefusals(body));
    if (fresh.length === 0) return;
    for (const { link } of this.#gateways()) {
      if (link !== from && link.isOpen) tellRefusals(link, fresh);
    }
  }
}
