import { parseAddress } from "../../base/address.ts";
import { formatClientId, gatewayIdOf } from "../../wire/bodies/client_id.ts";
import type { GivenClient } from "../../wire/bodies/claim.ts";
import type { ShownToken } from "../../transport/lasting/claimer.ts";
import { LATER } from "../../transport/lasting/reasons.ts";
import { type Arrival, isLater } from "../clients/arrivals.ts";
import type { Client } from "../clients/client.ts";
import type { KeptEvent } from "../workers/waiting_events.ts";
import { WaitingEvents } from "../workers/waiting_events.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { Barrier } from "./barrier.ts";
import type { ClaimCounts } from "./claim_counts.ts";
import type { MovesParts } from "./moves_parts.ts";
import type { OldEvents } from "./old_events.ts";
import { stayWith } from "./same_worker.ts";

/** What a {@linkcode Landing} works with. */
export interface LandingParts extends MovesParts {
  /** What workers of other gateways have of clients' events. */
  readonly oldEvents: OldEvents;
  /** Waits until senders have said what they had to say. */
  readonly barrier: Barrier;
  /** Counts. */
  readonly counts: ClaimCounts;
}

/** A client that comes over. */
export interface Lander {
  /** The client, as it is here: nobody has heard of it. */
  readonly client: Client;
  /** All that its gateway had of it. */
  readonly given: GivenClient;
  /** The link with that gateway. */
  readonly link: WorkerLink;
  /** Where that gateway is dialled. */
  readonly address: string;
  /** What came for it meanwhile. */
  readonly arrival: Arrival;
  /** What it has shown, and its socket. */
  readonly shown: ShownToken;
}

/** Makes clients of other gateways this one's. */
export class Landing {
  readonly #parts: LandingParts;

  /** Creates what lands the clients of one gateway. */
  constructor(parts: LandingParts) {
    this.#parts = parts;
  }

  /** One has come: nothing that is sent to it from now on passes it by. */
  land(lander: Lander): void {
    const { client, given, arrival, shown } = lander;
    shown.land(given, (connection) => {
      client.connection = connection;
      client.remoteAddress = connection.remoteAddress;
      // It is told to be back next, or will be.
      client.isAway = true;
      this.#settleIn(lander);
      this.#takeEvents(lander);
      this.#catchUp(lander);
    });
    for (const act of arrival.acts) act(client);
    this.#parts.arrivals.land(client, given.stamps, this.#level(client));
    if (arrival.isFull) client.connection?.close(LATER);
  }

  /** Resolves when all that was sent before has come here, or the client is gone. */
  async #level({ connectionId }: Client): Promise<void> {
    const { barrier, table } = this.#parts;
    while (!await barrier.pass() && table.get(connectionId) !== undefined);
  }

  /** It is whom it was. */
  #settleIn({ client, given, address }: Lander): void {
    const { table, authorizer } = this.#parts;
    const { route } = client;
    const gatewayId = gatewayIdOf(parseAddress(address));
    client.previousId = formatClientId(gatewayId, given.previous);
    client.session = given.session;
    route.stateVersion = given.version + 1;
    route.eventNumber = given.events;
    route.isIntroduced = given.isIntroduced;
    table.add(client);
    if (given.uid !== undefined) table.bindUid(client, given.uid);
    table.setLogin(client, given.login);
    for (const group of given.groups) table.joinGroup(client, group);
    const before = given.grant && {
      uid: given.grant.uid,
      groups: given.grant.groups,
      session: given.grant.session,
      expiresAt: undefined,
    };
    authorizer?.adopt(client, before, table);
  }

  /** Its events go on behind those that a worker still has. */
  #takeEvents({ client, given, link }: Lander): void {
    const { delivery, links, oldEvents, typed } = this.#parts;
    const { route, connectionId } = client;
    const own = (event: GivenClient["waiting"][number]): KeptEvent => ({
      ...event,
      connectionId,
    });
    const { previous, isBusy, requests, worker: instance } = given;
    const events = given.running.map(own);
    if (isBusy || requests.length > 0) {
      const old = { link, previous, events, isBusy, instance };
      typed.adopt(client, requests, oldEvents.add(client, old));
    }
    if (isBusy) {
      route.defer();
      route.waiting = new WaitingEvents();
    } else stayWith(route, links, instance);
    delivery.backlog.adopt(route, given.waiting.map(own));
    if (!isBusy) delivery.goOn(route);
  }

  /** It gets what came meanwhile, and its gateway had not. */
  #catchUp({ client, given: { stamps }, arrival }: Lander): void {
    const { fanOut, counts } = this.#parts;
    for (const { sender, stamp, payload, flags, key } of arrival.held) {
      const taken = stamps.get(sender);
      if (stamp === 0) counts.unstamped++;
      else if (taken === undefined || isLater(stamp, taken)) {
        fanOut.send([client], { payload, flags, key });
      }
    }
  }
}
