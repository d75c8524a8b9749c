import { hostOf } from "../../base/address.ts";
import { Command } from "../../wire/command.ts";
import { encodeBody } from "../../wire/body.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { BoundWorker, Route } from "../workers/route.ts";
import type { Router } from "../workers/router.ts";

/** Most witnesses that one sweep tells something: the rest have a turn in the next. */
const SWEEP_LIMIT = 5_000;

/**
 * Sees to it that for each client a second worker knows of it, as far as there is
 * one, best on another machine: if this gateway is lost together with the worker that
 * the client is bound to, the witness raises its close event.
 */
export class Witnesses {
  readonly #table: ClientTable;
  readonly #router: Router;
  #next = 0;

  /** Creates the witnesses of one gateway. */
  constructor(table: ClientTable, router: Router) {
    this.#table = table;
    this.#router = router;
  }

  /** Tells witnesses what is new. To be called once a second. */
  sweep(): void {
    if (this.#router.links.size < 2) return;
    let told = 0;
    for (const { route } of this.#table.all()) {
      if (!this.#isDue(route)) continue;
      this.#tell(route);
      if (++told >= SWEEP_LIMIT) return;
    }
  }

  /** A client is another worker's now, or all its events are handled. */
  dismiss(route: Route): void {
    const { witness } = route;
    if (witness === undefined) return;
    route.witness = undefined;
    if (!witness.link.isOpen) return;
    witness.link.send(Command.Unwitness, route.connectionId, 0);
  }

  #isDue(route: Route): boolean {
    if (route.link === undefined || !route.isIntroduced) return false;
    return route.witness === undefined || !route.witness.takesClients ||
      route.witnessedVersion !== route.stateVersion;
  }

  #tell(route: Route): void {
    const { link } = route;
    const witness = route.witness?.takesClients === true
      ? route.witness
      : this.#choose(link);
    if (link === undefined || witness === undefined) return;
    route.witness = witness;
    route.witnessedVersion = route.stateVersion;
    const worker = link.link.peer.instance;
    witness.link.sendHeaded(
      Command.Witness,
      route.connectionId,
      0,
      encodeBody({ worker, state: route.client.state }),
    );
  }

  /** Takes turns among the workers of other machines, or else among all others. */
  #choose(bound: BoundWorker | undefined): BoundWorker | undefined {
    const others = [...this.#router.links].filter((link) =>
      link !== bound && link.takesClients && !link.link.peer.isOriginal
    );
    const host = bound && hostOf(bound.link.peer.address);
    const elsewhere = others.filter(({ link }) =>
      hostOf(link.peer.address) !== host
    );
    const best = elsewhere.length > 0 ? elsewhere : others;
    return best[this.#next++ % best.length];
  }
}
