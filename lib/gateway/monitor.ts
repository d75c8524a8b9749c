import type { RegisterClient } from "../roster/register_client.ts";
import { registerProblem } from "../roster/register_problem.ts";
import { PerSecond } from "../observe/per_second.ts";
import { ProcessMeter } from "../observe/process_meter.ts";
import { recentEvents } from "../observe/recent_events.ts";
import {
  type GatewayReport,
  type LinkReport,
  MAX_LINKS,
} from "../observe/report.ts";
import type { PhpReport } from "../observe/php_report.ts";
import type { LastingConnections } from "../transport/lasting/lasting_connections.ts";
import { SelfCheck } from "../observe/self_check.ts";
import type { LedgerEntry } from "./clients/ledger.ts";
import { urlOf } from "./clients/client_options.ts";
import type { Core } from "./core.ts";
import type { ResolvedGatewayOptions } from "./options.ts";
import { formatRoute } from "./workers/route_rule.ts";
import type { WorkerLink } from "./workers/worker_link.ts";

/** Labels that nobody has and that are told at most. */
const MAX_LACKS = 20;

/** What a monitor reads from its gateway. */
export interface MonitoredGateway {
  /** Where workers reach it. */
  readonly lanAddress: string;
  /** Where clients connect. */
  readonly addrs: readonly Deno.NetAddr[];
  /** What became of all events. */
  readonly ledger: LedgerEntry;
}

/** What a gateway shows to nobody but its monitor. */
export interface GatewayInside {
  /** Differs for every start. */
  readonly instance: string;
  /** Its clients, its workers, and what waits between them. */
  readonly core: Core;
  /** What it was told. */
  readonly options: ResolvedGatewayOptions;
  /** Its conversation with the Registers. */
  readonly register: RegisterClient;
  /** The sessions that may outlive their sockets; `undefined` if none may. */
  readonly lasting: LastingConnections | undefined;
  /** What passes between it and nodes of the original, where they may connect. */
  readonly php: PhpReport | undefined;
  /** Whether it was told to stop. */
  isStopping(): boolean;
}

/** Knows how a gateway is: its figures, and whether it lacks anybody. */
export class GatewayMonitor implements Disposable {
  readonly #gateway: MonitoredGateway;
  readonly #inside: GatewayInside;
  readonly #in = new PerSecond();
  readonly #out = new PerSecond();
  readonly #meter = new ProcessMeter((seconds) => this.#tick(seconds));
  readonly #check = new SelfCheck("gateway", () => this.#problem());

  /** Begins to measure. */
  constructor(gateway: MonitoredGateway, inside: GatewayInside) {
    this.#gateway = gateway;
    this.#inside = inside;
  }

  /** Returns how the gateway is. */
  report(): GatewayReport {
    const { instance, options, core, lasting, php } = this.#inside;
    const { gatewayId, table, router, delivery } = core;
    const { figures: claims } = core.moves;
    return {
      id: instance,
      name: options.name,
      index: options.index,
      address: this.#gateway.lanAddress,
      state: core.state,
      ...this.#meter.figures(),
      gatewayId,
      listen: this.#listen(),
      clients: table.size,
      maxClients: options.maxConnections,
      messagesIn: this.#in.rate,
      messagesOut: this.#out.rate,
      queued: this.#queued(),
      parkedClients: delivery.parkedClients,
      ...this.#routing(),
      ...(lasting && { resume: lasting.figures }),
      drain: core.drain.figures,
      later: core.later,
      ...(claims && { claims }),
      refusals: core.refused.figures,
      limits: core.limits.figures,
      ledger: { ...this.#gateway.ledger },
      requests: core.requests,
      people: core.fanOut.people.figures,
      presence: core.presence.figures,
      ...(core.taps.isOn && { taps: core.taps.reports }),
      links: Array.from(router.links, (link) => this.#toLink(link))
        .slice(0, MAX_LINKS),
      ...(php && { php: { ...php } }),
      events: recentEvents(),
    };
  }

  /** Measures no longer. */
  [Symbol.dispose](): void {
    this.#meter[Symbol.dispose]();
    this.#check[Symbol.dispose]();
  }

  #tick(seconds: number): void {
    const { accepted, sent, dropped } = this.#gateway.ledger;
    this.#in.tick(accepted, seconds);
    this.#out.tick(sent - dropped, seconds);
  }

  /** A port that the system chose stands in the listener's address only. */
  #listen(): string[] {
    const addrs = this.#gateway.addrs;
    return this.#inside.options.listen.map((entry, i) =>
      urlOf(entry).replace(/:0$/, `:${addrs[i]?.port ?? 0}`)
    );
  }

  #queued(): number {
    let bytes = 0;
    for (const { connection } of this.#inside.core.table.all()) {
      bytes += connection?.queuedBytes ?? 0;
    }
    return bytes;
  }

  /** By what workers are chosen, unless it is the usual, and who finds none by it. */
  #routing(): Pick<GatewayReport, "route" | "lacks"> {
    const { router: { rule }, delivery } = this.#inside.core;
    const route = formatRoute(rule);
    if (rule.kind !== "label") return { route };
    const lacks = delivery.lacks(MAX_LACKS);
    return Object.keys(lacks).length === 0 ? { route } : { route, lacks };
  }

  #toLink(worker: WorkerLink): LinkReport {
    const { link, clients, inFlight, isDraining } = worker;
    const { instance: id, name, address, isOriginal, traits } = link.peer;
    const used = link.log.outstandingBytes / this.#inside.options.window;
    return {
      id,
      name,
      address,
      clients,
      inFlight,
      window: Math.round(used * 1000) / 1000,
      draining: isDraining,
      roundTrip: Math.round(link.liveness.roundTrip * 10) / 10,
      ...(isOriginal && { php: true }),
      ...traits,
    };
  }

  #problem(): string | undefined {
    const { core: { router }, register, options, isStopping } = this.#inside;
    const { lanAddress } = this.#gateway;
    if (isStopping() || router.links.size > 0) return undefined;
    return registerProblem(register, "gateway") ??
      `no worker has linked to this gateway, so clients wait. Workers dial ${lanAddress}, as the Register told them: is one running, with the same secret key, and can it reach that address (${
        options.lanIp === "127.0.0.1"
          ? "127.0.0.1 is reachable from this machine only, see --lan-ip"
          : "firewall, --lan-ip, --lan-listen"
      })?`;
  }
}
