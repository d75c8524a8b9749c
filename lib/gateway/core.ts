import { formatClientId } from "../wire/bodies/client_id.ts";
import type { RequestFigures } from "../observe/report.ts";
import type { ConnectionRow } from "../wire/bodies/connection_list.ts";
import { closeReason } from "../transport/close_codes.ts";
import type { ConnectionLimit } from "../transport/admission/connection_limit.ts";
import { ArrivalRate } from "../transport/admission/arrival_rate.ts";
import { LEAVING } from "../transport/admission/refusal_answers.ts";
import { CLOSE_GOING_AWAY, type Refusal } from "../transport/connection.ts";
import { Authorizer } from "./clients/authorizer.ts";
import { Client, type EventTaker } from "./clients/client.ts";
import { ClientTable } from "./clients/client_table.ts";
import { connectionRows } from "./clients/connection_rows.ts";
import { Drain, type DrainPace, shareOf } from "./clients/drain.ts";
import { Interest } from "../link/interest.ts";
import { Ledger, type LedgerEntry } from "./clients/ledger.ts";
import { ClientLimits } from "./clients/limits.ts";
import { Refused } from "./clients/refused.ts";
import { SessionStore } from "./clients/session_store.ts";
import { SlowClients } from "./clients/slow_clients.ts";
import { Dispatcher } from "./commands/dispatcher.ts";
import { RefusalCommands } from "./commands/refusal_commands.ts";
import { Asks } from "./commands/asks.ts";
import { FanOut } from "./commands/fan_out.ts";
import { Notices } from "./commands/notices.ts";
import { takenEvents } from "./commands/taken_events.ts";
import { Taps } from "./commands/taps.ts";
import { TypedFrames } from "./commands/typed_frames.ts";
import { Arrivals } from "./clients/arrivals.ts";
import { Delivery } from "./delivery/delivery.ts";
import { Witnesses } from "./delivery/witnesses.ts";
import { Presence } from "./presence/presence.ts";
import { Moves } from "./moves/moves.ts";
import { GatewayPeers, type GatewaySelf } from "./moves/gateway_peers.ts";
import type { EventStreams } from "../transport/events/event_streams.ts";
import type { LastingConnections } from "../transport/lasting/lasting_connections.ts";
import type { ResolvedGatewayOptions } from "./options.ts";
import type { Tracing } from "../observe/tracing.ts";
import { Traces } from "./delivery/traces.ts";
import { StrayPosts } from "./stray_posts.ts";
import { WorkerLinks } from "./worker_links.ts";
import { Router } from "./workers/router.ts";
import { noteWish } from "./workers/wish.ts";
import { WorkerLack } from "./workers/worker_lack.ts";

/**
 * What a gateway knows and does between its clients and its workers, without a port of
 * its own, and without a timer unless it sends clients away: the parts, and which of
 * them is told what.
 */
export class Core implements Disposable {
  /** First 12 hex digits of its clients' ids. */
  readonly gatewayId: string;
  /** Its clients. */
  readonly table: ClientTable;
  /** Its workers. */
  readonly router: Router;
  /** Sends to clients. */
  readonly fanOut: FanOut;
  /** Shows frames to whoever taps. */
  readonly taps: Taps;
  /** Brings events to workers. */
  readonly delivery: Delivery;
  /** The links of workers, outside programs and other gateways. */
  readonly links: WorkerLinks;
  /** Sessions that come from other gateways, and that go to them. */
  readonly moves: Moves = new Moves();
  /** Who may not come in. */
  readonly refused: Refused;
  /** Who is where, for workers that watch it. */
  readonly presence: Presence;
  /** What uids and ranges of addresses may use. */
  readonly limits: ClientLimits;
  readonly #interest: Interest;
  readonly #movingIn = new Arrivals();
  readonly #asks: Asks;
  readonly #typed: TypedFrames;
  readonly #ledger = new Ledger();
  readonly #slow = new SlowClients(this.#ledger);
  readonly #witnesses: Witnesses;
  readonly #dispatcher: Dispatcher;
  readonly #taker: EventTaker;
  readonly #authorizer: Authorizer | undefined;
  readonly #lack: WorkerLack;
  readonly #arrivals: ArrivalRate | undefined;
  readonly #traces: Traces | undefined;
  readonly #drain = new Drain();
  /** Whether more clients are wanted, and if not, what is done with who comes. */
  #phase: "open" | "stop expected" | "draining" | "stopping" | "over" = "open";

  /** Creates the core of one gateway, which traces if the runtime does. */
  constructor(id: string, options: ResolvedGatewayOptions, tracing?: Tracing) {
    const interest = this.#interest = new Interest();
    const gatewayId = this.gatewayId = id;
    const clientId = (connectionId: number) =>
      formatClientId(gatewayId, connectionId);
    this.router = new Router(options.prefer, { rule: options.route, clientId });
    const taps = this.taps = new Taps(gatewayId, (id) => this.table.find(id));
    this.fanOut = new FanOut(this.#ledger, this.#slow, taps);
    this.table = new ClientTable({
      onNamed: (name) => void interest.present(name),
      onUid: (client) => {
        this.delivery.onUid(client.route);
        refused.look(client);
        limits.onUid(client);
      },
      onDepart: (client) => limits.forget(client),
    });
    const refused = this.refused = new Refused(this.table);
    const presence = this.presence = new Presence(this.table, options);
    const limits = this.limits = new ClientLimits({
      ...options,
      table: this.table,
      replaced: closeReason("replaced", options.closeCodes),
    });
    this.#witnesses = new Witnesses(this.table, this.router);
    this.delivery = new Delivery({
      table: this.table,
      router: this.router,
      ledger: this.#ledger,
      witnesses: this.#witnesses,
      limits: options,
      clientId,
    });
    const { delivery } = this;
    const { maxPendingRequests, traceSample: sample, name } = options;
    const ledger = this.#ledger;
    this.#traces = tracing &&
      new Traces({ tracing, sample, name, gatewayId, ledger });
    const { table, fanOut, moves: elsewhere } = this;
    const arrivals = this.#movingIn;
    const asks = this.#asks = new Asks({ table, fanOut, interest });
    this.#typed = new TypedFrames({
      delivery: this.#traces?.before(delivery) ?? delivery,
      asks,
      maxPendingRequests,
      tooFast: closeReason("fast", options.closeCodes),
      elsewhere,
      presence,
      fanOut,
      taps,
    });
    this.#dispatcher = new Dispatcher({
      table,
      taps,
      fanOut,
      asks,
      sessions: new SessionStore(options.maxSession),
      interest,
      replaced: closeReason("replaced", options.closeCodes),
      arrivals,
      elsewhere,
      refusals: new RefusalCommands(
        refused,
        (entries, from) => this.links.spread(entries, from),
      ),
      presence,
      notices: new Notices(() => this.router.links),
    });
    this.#lack = new WorkerLack(this.router, {
      timeout: options.parkTimeout,
      now: () => this.delivery.pace.time,
    });
    const { acceptRate } = options;
    this.#arrivals = acceptRate > 0 ? new ArrivalRate(acceptRate) : undefined;
    this.links = new WorkerLinks({
      router: this.router,
      delivery: this.delivery,
      dispatcher: this.#dispatcher,
      asks,
      interest,
      moves: elsewhere,
      refused,
      presence,
      taps,
      welcome: { gatewayId, window: options.window },
      gatherWithin: options.gatherWithin,
      traces: this.#traces,
    });
    this.#authorizer = Authorizer.of(options, interest, {
      whyNot: (grant, token = "") =>
        refused.ofUid(grant.uid) ??
          (token === "" ? limits.whyNot(grant) : undefined),
      onGrant: (client) => limits.onOpen(client),
    });
    this.#taker = this.#takeEvents(this.#authorizer);
  }

  /** What became of all events and messages. */
  get ledger(): LedgerEntry {
    return this.#ledger.entry(this.links.inFlight);
  }

  /** What became of requests, and of questions to clients. */
  get requests(): RequestFigures {
    return { ...this.#typed.counts, asks: this.#asks.size };
  }

  /** Whether all clients are gone, and whoever handles their ends has done so. */
  get isSettled(): boolean {
    return this.table.size === 0 &&
      (this.router.links.size === 0 || this.table.departed === 0);
  }

  /** Whether more clients should come, and if not, why. */
  get state(): "draining" | "waiting" | "ready" {
    if (this.#phase !== "open") return "draining";
    return this.router.least() === undefined ? "waiting" : "ready";
  }

  /**
   * Lets sessions come from other gateways, and go to them.
   *
   * @param lasting Its sessions.
   * @param self How it dials others.
   * @param events Its clients without a WebSocket.
   * @returns The others.
   */
  letMove(
    lasting: LastingConnections,
    self: GatewaySelf,
    events?: EventStreams,
  ): GatewayPeers {
    const { table, delivery, links, fanOut, moves } = this;
    this.refused.lasting = lasting;
    const peers = new GatewayPeers({
      ...self,
      hintsOf: (gatewayId) => lasting.hintsOf(gatewayId),
      open: (conn, peer) => links.open(conn, peer),
      isNeeded: (link) => moves.isNeeded(link),
    });
    const parts = {
      table,
      delivery,
      links,
      fanOut,
      authorizer: this.#authorizer,
      asks: this.#asks,
      witnesses: this.#witnesses,
      interest: this.#interest,
      arrivals: this.#movingIn,
      typed: this.#typed,
    };
    moves.begin(parts, lasting, peers);
    if (events !== undefined) {
      const posts = new StrayPosts(events, peers);
      this.#dispatcher.strayPosts = events.forwarder = posts;
    }
    return peers;
  }

  /** Has addresses be refused as they come, and notes which come too often. */
  watchAddresses(limit: ConnectionLimit): void {
    limit.refuses = (host) => this.refused.ofAddress(host);
    limit.onTooMany = (network) => this.limits.onCrowdedAddress(network);
    this.limits.watchAddresses(limit);
  }

  /** Returns the client of a connection that was accepted. */
  accept(listener: number): Client {
    return new Client(this.table.nextId(), listener, this.#taker);
  }

  /** Tells workers who is slow, and who knows of whom. To be called once a second. */
  sweep(): void {
    this.#lack.sweep();
    this.#slow.sweep();
    this.#witnesses.sweep();
    this.#authorizer?.sweep();
    this.limits.sweep();
    if (this.taps.isOn) this.taps.sweep();
    this.moves.sweep();
    this.presence.sweep();
    this.fanOut.people.tick();
  }

  /** Returns some of the clients, no more than `limit`. */
  connections(limit: number): ConnectionRow[] {
    return connectionRows(this.table.all(), this.gatewayId, limit);
  }

  /** How far it is with sending clients away. */
  get drain(): Pick<Drain, "figures" | "isDone"> {
    return this.#drain;
  }

  /** Clients that were told to come later, as too many came. */
  get later(): number {
    return this.#arrivals?.later ?? 0;
  }

  /** Wants no more clients, and serves those who come. */
  expectStop(): void {
    if (this.#phase === "open") this.#phase = "stop expected";
  }

  /** Sends all clients away at a pace, and tells others to go elsewhere. */
  sendAway(pace: DrainPace): void {
    if (this.#phase !== "stopping") this.#phase = "draining";
    this.#drain.send(this.table.all(), pace);
  }

  /** Lets clients in again, and sends nobody away any more; not once it stops. */
  stay(): void {
    this.#phase = "open";
    this.#drain.cancel();
  }

  /** Has some of its clients connect anew, one of so many as the share says. */
  rebalance(share: number, pace: DrainPace): number {
    const chosen = shareOf([...this.table.all()], share);
    this.#drain.send(chosen, pace);
    return chosen.length;
  }

  /** Serves who comes until it is sent away, and misses no worker that leaves. */
  expectEnd(): void {
    this.#phase = "stopping";
    this.links.expectEnd();
  }

  /** Sends all clients away that are left, after what is queued for them. */
  dismissClients(): void {
    this.#phase = "over";
    for (const { connection } of this.table.all()) {
      connection?.close(CLOSE_GOING_AWAY);
    }
  }

  /** Ends all connections of clients. */
  destroyClients(): void {
    for (const { connection } of this.table.all()) connection?.destroy();
  }

  /** Drops the answers that are being made, and sends nobody away any more. */
  [Symbol.dispose](): void {
    this.#drain[Symbol.dispose]();
    this.#dispatcher[Symbol.dispose]();
    this.presence[Symbol.dispose]();
  }

  /** Whether whoever is here is sent away. */
  get #isLeaving(): boolean {
    return this.#phase === "draining" || this.#phase === "stopping";
  }

  /** Why nobody more may come in just now. */
  #refusal(): Refusal | undefined {
    if (this.#phase === "draining") return LEAVING;
    return this.#lack.refusal() ?? this.#arrivals?.refusal();
  }

  #takeEvents(authorizer: Authorizer | undefined): EventTaker {
    const { table, taps } = this;
    const delivery = this.#traces?.before(this.delivery) ?? this.delivery;
    return {
      ...this.#traces?.hearing,
      ...takenEvents({ taps, delivery, typed: this.#typed }),
      authorize: (client, request, remoteAddress, credential, token) => {
        const refusal = this.#refusal() ??
          this.refused.whyNot(remoteAddress, token) ??
          noteWish(client, this.router.rule, request);
        if (refusal !== undefined) return Promise.resolve(refusal);
        return authorizer?.decide(
          client,
          request,
          remoteAddress,
          credential,
          token,
        );
      },
      mayReturn: (client, newcomer) =>
        authorizer?.transfer(client, newcomer, table) ?? true,
      onCredential: (client, credential) =>
        void authorizer?.renew(client, credential, table),
      onClientAway: (client) => table.watcher?.onClient(client),
      onClientBack: (client) => {
        table.watcher?.onClient(client);
        this.limits.onOpen(client);
        this.#slow.note(client);
        this.#drain.onBack(client);
        if (this.#isLeaving) this.#drain.add(client);
      },
      onClientOpen: (client) => {
        table.add(client);
        this.fanOut.people.onConnect(client);
        authorizer?.settle(client, table);
        this.refused.look(client);
        this.limits.onOpen(client);
        if (this.#phase === "over") client.connection?.close(CLOSE_GOING_AWAY);
        else if (this.#isLeaving) this.#drain.add(client);
      },
      onClientClosed: (client) => {
        table.depart(client);
        authorizer?.forget(client);
        this.#asks.onClientClosed(client);
      },
    };
  }
}
