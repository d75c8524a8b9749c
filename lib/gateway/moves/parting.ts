import { Command } from "../../wire/command.ts";
import type { Client } from "../clients/client.ts";
import type { MovedClient, MovedClients } from "./moved_clients.ts";
import type { MovesParts } from "./moves_parts.ts";
import type { OldEvents } from "./old_events.ts";

/** What a {@linkcode Parting} works with. */
export interface PartingParts extends MovesParts {
  /** Those who have gone. */
  readonly moved: MovedClients;
  /** What workers of other gateways have of clients' events. */
  readonly oldEvents: OldEvents;
}

/** Takes leave of clients that go to other gateways. */
export class Parting {
  readonly #parts: PartingParts;

  /** Creates what sees off the clients of one gateway. */
  constructor(parts: PartingParts) {
    this.#parts = parts;
  }

  /** Takes the client out of everything, and looks when workers are done with it. */
  part(record: MovedClient): void {
    const { table, authorizer, asks, witnesses, moved } = this.#parts;
    const { client } = record;
    const { route } = client;
    client.connection = undefined;
    table.depart(client);
    authorizer?.forget(client);
    asks.onClientClosed(client);
    witnesses.dismiss(route);
    route.requests?.handOver();
    const done = (isDone: boolean) => {
      route.onLost = undefined;
      if (record.isDone || moved.get(client.connectionId) !== record) return;
      moved.tellDone(record, isDone);
      this.#forget(client);
    };
    if (this.#parts.oldEvents.passOn(client.connectionId, done)) return;
    const isOurs = route.link?.link.peer.isOriginal !== true;
    if (isOurs) route.link?.link.send(Command.Unbind, client.connectionId, 0);
    if (route.state !== "deferred") {
      route.flow();
      route.waiting = undefined;
    }
    if (record.isDone) return this.#forget(client);
    route.onLost = () => {
      route.waiting = undefined;
      done(false);
    };
    if (!route.seeOff(() => done(true))) done(true);
  }

  /** Nothing of it is at any worker. */
  #forget(client: Client): void {
    client.route.unbind();
    this.#parts.table.forget(client.connectionId);
  }
}
