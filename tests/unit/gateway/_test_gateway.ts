import { FanOut } from "../../../lib/gateway/commands/fan_out.ts";
import { SlowClients } from "../../../lib/gateway/clients/slow_clients.ts";
import { Presence } from "../../../lib/gateway/presence/presence.ts";
import { assertEquals } from "@std/assert";
import {
  Client,
  type EventTaker,
} from "../../../lib/gateway/clients/client.ts";
import { ClientTable } from "../../../lib/gateway/clients/client_table.ts";
import { Moves } from "../../../lib/gateway/moves/moves.ts";
import { Delivery } from "../../../lib/gateway/delivery/delivery.ts";
import type { DeliveryLimits } from "../../../lib/gateway/delivery/delivery_limits.ts";
import {
  Ledger,
  type LedgerEntry,
} from "../../../lib/gateway/clients/ledger.ts";
import { TypedFrames } from "../../../lib/gateway/commands/typed_frames.ts";
import { Router } from "../../../lib/gateway/workers/router.ts";
import type { RouteRule } from "../../../lib/gateway/workers/route_rule.ts";
import type { Traits } from "../../../lib/wire/bodies/traits.ts";
import { Witnesses } from "../../../lib/gateway/delivery/witnesses.ts";
import { WorkerLink } from "../../../lib/gateway/workers/worker_link.ts";
import { DEFAULT_CLOSE_CODES } from "../../../lib/transport/close_codes.ts";
import { Command, isEvent } from "../../../lib/wire/command.ts";
import { Flag, FrameHeader } from "../../../lib/wire/frame.ts";
import type { LoggedEvent } from "../../../lib/wire/logged_event.ts";
import type { OutputCodec } from "../../../lib/transport/connection.ts";
import { LINK_VERSIONS } from "../../../lib/link/link_version.ts";
import { MemoryConn } from "../../_support/memory_conn.ts";
import { FakeConnection } from "./_fake_connection.ts";

const NOTHING = new Uint8Array(0);
const NAMES: Readonly<Record<number, string>> = {
  [Command.Connect]: "connect",
  [Command.Close]: "close",
  [Command.Away]: "away",
  [Command.Back]: "back",
};

/** An event as a worker finds it on its link. */
export interface Told {
  readonly client: number;
  readonly number: number;
  readonly what: string;
  readonly redelivered: boolean;
}

/** A worker played by hand: it looks at what was sent to it, and answers. */
export class TestWorker {
  readonly #header = new FrameHeader();
  readonly link: WorkerLink;

  constructor(link: WorkerLink) {
    this.link = link;
  }

  /** What was sent to it and is not acknowledged. */
  get told(): Told[] {
    return [...this.link.link.log.unacknowledged()].map(toTold);
  }

  /** What was sent to it and is not acknowledged, as short texts. */
  get texts(): string[] {
    return this.told.map(({ client, what }) => `${client}:${what}`);
  }

  /** Acknowledges the next events. */
  acknowledge(count = this.link.link.log.outstanding): void {
    this.#say(Command.Acknowledge, this.link.link.log.acknowledged + count);
  }

  /** Sets the next event aside, and acknowledges up to it. */
  defer(): number {
    const sequence = this.setAside(0);
    this.acknowledge(1);
    return sequence;
  }

  /** Sets aside one of the events that are not acknowledged, counted from 0. */
  setAside(index: number): number {
    const sequence = this.link.link.log.acknowledged + 1 + index;
    this.#say(Command.Defer, sequence);
    return sequence;
  }

  /** Says that an event is done that was set aside. */
  release(sequence: number): void {
    this.#say(Command.Release, sequence);
  }

  /** Says that a client's events up to one take long, as version 3 has it. */
  deferUpTo(connectionId: number, number: number): void {
    this.#say(Command.DeferUpTo, number, connectionId);
  }

  /** Says that a client's events up to one are done. */
  releaseUpTo(connectionId: number, number: number): void {
    this.#say(Command.ReleaseUpTo, number, connectionId);
  }

  /** Says that it takes nothing new. */
  drain(): void {
    this.#say(Command.Drain, 0);
  }

  /** Is lost. */
  lose(): void {
    this.link.link.destroy();
  }

  #say(command: Command, number: number, connectionId = 0): void {
    this.#header.command = command;
    this.#header.connectionId = connectionId;
    this.#header.number = number;
    this.link.onFrame(this.#header, NOTHING, 0, 0);
  }
}

/** The gateway's parts that have to do with events, without any socket. */
export class TestGateway {
  readonly table = new ClientTable({
    firstId: 1,
    onUid: ({ route }) => this.delivery.onUid(route),
  });
  readonly router: Router;
  readonly counts = new Ledger();
  readonly delivery: Delivery;
  readonly typed: TypedFrames;
  readonly #links = new Set<WorkerLink>();
  readonly #window: number;

  constructor(
    limits: Partial<DeliveryLimits> & { window?: number; rule?: RouteRule } =
      {},
  ) {
    const { window = 1_000_000, rule, ...rest } = limits;
    this.#window = window;
    this.router = new Router("any", rule === undefined ? {} : { rule });
    this.delivery = new Delivery({
      table: this.table,
      router: this.router,
      ledger: this.counts,
      witnesses: new Witnesses(this.table, this.router),
      limits: {
        parkBytes: 4_000,
        parkTotal: 40_000,
        parkTimeout: 1_000,
        maxDeliveries: 1_000,
        closeCodes: DEFAULT_CLOSE_CODES,
        ...rest,
      },
      clientId: String,
    });
    this.typed = new TypedFrames({
      delivery: this.delivery,
      asks: { onAnswer: () => {} },
      maxPendingRequests: 4,
      tooFast: { code: 1008, reason: "too fast" },
      presence: new Presence(this.table),
      fanOut: new FanOut(this.counts, new SlowClients(this.counts)),
      elsewhere: new Moves(),
    });
  }

  /** What became of all events. */
  get ledger(): LedgerEntry {
    let inFlight = 0;
    for (const link of this.#links) inFlight += link.inFlight;
    return this.counts.entry(inFlight);
  }

  /** Checks that no event is unaccounted for. */
  check(): void {
    const { accepted, acknowledged, inFlight, parked, poisoned, expired } =
      this.ledger;
    assertEquals(
      acknowledged + inFlight + parked + poisoned + expired,
      accepted,
      JSON.stringify(this.ledger),
    );
  }

  /** A worker joins. */
  addWorker(
    version: number = LINK_VERSIONS.highest,
    traits: Partial<Traits> & { instance?: string } = {},
  ): TestWorker {
    const { instance = crypto.randomUUID(), labels = {}, weight = 1 } = traits;
    const [conn] = MemoryConn.pair();
    const peer = {
      role: "worker",
      name: "W",
      instance,
      address: "127.0.0.1:9",
      version,
      traits: { labels, weight },
    } as const;
    const welcome = { gatewayId: "", window: this.#window };
    const link: WorkerLink = new WorkerLink({
      conn,
      peer,
      welcome,
      owner: {
        onCommand: () => {},
        onProgress: (each, done, free) =>
          this.delivery.onProgress(each, done, free),
        onKept: (cost) => this.delivery.backlog.kept += cost,
        onDraining: () => {},
        onDeferred: (each, connectionId, number) =>
          this.delivery.onDeferred(each, connectionId, number),
        onReleased: (each, deferred, done) =>
          this.delivery.onReleased(each, deferred, done),
        onClosed: (each) => {
          this.#links.delete(each);
          this.router.remove(each);
          this.delivery.onLost(each);
        },
      },
    });
    this.#links.add(link);
    this.router.add(link);
    this.delivery.onWorker();
    return new TestWorker(link);
  }

  /** A client connects. */
  addClient(codec?: OutputCodec): TestClient {
    const taker: EventTaker = {
      takeMessage: (route, flags, buffer, start, end) =>
        this.delivery.takeMessage(route, flags, buffer, start, end),
      takeEvent: (route, command, payload) =>
        this.delivery.takeEvent(route, command, payload),
      takeTyped: (client, buffer, start, end) =>
        this.typed.take(client, buffer, start, end),
      onClientOpen: (client) => this.table.add(client),
      onClientClosed: (client) => this.table.depart(client),
    };
    const client = new Client(this.table.nextId(), 0, taker);
    return new TestClient(client, new FakeConnection(codec));
  }
}

/** A client, and its connection. */
export class TestClient {
  readonly client: Client;
  readonly connection: FakeConnection;

  constructor(client: Client, connection: FakeConnection) {
    this.client = client;
    this.connection = connection;
    client.onOpen(this.connection, undefined);
  }

  /** Says something. */
  say(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.client.onMessage(bytes, 0, bytes.length, false);
    bytes.fill(0);
  }

  /** Sends a typed frame. */
  saysTyped(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.client.onTyped(bytes, 0, bytes.length);
    bytes.fill(0);
  }

  /** Leaves. */
  leave(): void {
    this.client.onClose(1000, "");
  }
}

function toTold(event: LoggedEvent): Told {
  const { command, flags, connectionId, number, payload } = event;
  assertEquals(isEvent(command), true);
  return {
    client: connectionId,
    number,
    what: NAMES[command] ?? new TextDecoder().decode(payload),
    redelivered: (flags & Flag.Redelivered) !== 0,
  };
}
