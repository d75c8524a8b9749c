import { Command } from "../../wire/command.ts";
import { encodeBody } from "../../wire/body.ts";
import type { Client } from "../clients/client.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { Router } from "./router.ts";
import type { WorkerLink } from "./worker_link.ts";

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
    for (const client of this.#table.all()) {
      if (!this.#isDue(client)) continue;
      this.#tell(client);
      if (++told >= SWEEP_LIMIT) return;
    }
  }

  /** A client is another worker's now, or all its events are handled. */
  dismiss(client: Client): void {
    const { witness } = client;
    if (witness === undefined) return;
    client.witness = undefined;
    if (!witness.link.isOpen) return;
    witness.link.send(Command.Unwitness, client.connectionId, 0);
  }

  #isDue(client: Client): boolean {
    if (client.link === undefined || !client.isIntroduced) return false;
    return client.witness === undefined || !client.witness.takesClients ||
      client.witnessedVersion !== client.stateVersion;
  }

  #tell(client: Client): void {
    const { link } = client;
    const witness = client.witness?.takesClients === true
      ? client.witness
      : this.#choose(link);
    if (link === undefined || witness === undefined) return;
    client.witness = witness;
    client.witnessedVersion = client.stateVersion;
    const worker = link.link.peer.instance;
    witness.link.sendHeaded(
      Command.Witness,
      client.connectionId,
      0,
      encodeBody({ worker, state: client.state }),
    );
  }

  /** Takes turns among the workers of other machines, or else among all others. */
  #choose(bound: WorkerLink | undefined): WorkerLink | undefined {
    const others = [...this.#router.links].filter((link) =>
      link !== bound && link.takesClients
    );
    const host = bound && hostOf(bound);
    const elsewhere = others.filter((link) => hostOf(link) !== host);
    const best = elsewhere.length > 0 ? elsewhere : others;
    return best[this.#next++ % best.length];
  }
}

function hostOf({ link }: WorkerLink): string {
  return link.peer.address.replace(/:\d+$/, "");
}
