import type { GatewayLinks } from "../cluster/gateway_links.ts";
import type { NatsLine } from "../nats/nats_line.ts";
import { ProcessMeter } from "../observe/process_meter.ts";
import { recentEvents } from "../observe/recent_events.ts";
import type { BridgeReport, CellReport, RoleState } from "../observe/report.ts";
import type { Callers } from "./home/callers.ts";
import type { Switch } from "./switch.ts";

/** Most cells that a report lists. */
const MAX_CELLS = 200;

/** What a bridge shows to nobody but its monitor. */
export interface BridgeInside {
  /** What it was told. */
  readonly options: {
    readonly name: string;
    readonly cell: string;
    readonly cluster: string;
  };
  /** Differs for every start. */
  readonly instance: string;
  /** Where workers reach it. */
  readonly address: string;
  /** Its connection to NATS. */
  readonly nats: NatsLine;
  /** Its links to gateways, and the conversation with Registers. */
  readonly gateways: GatewayLinks;
  /** Workers and programs. */
  readonly callers: Callers;
  /** What it hears and says. */
  readonly swap: Switch;
  /** Whether it was told to stop. */
  isStopping(): boolean;
}

/** Knows how a bridge is. */
export class BridgeMonitor implements Disposable {
  readonly #inside: BridgeInside;
  readonly #meter = new ProcessMeter();

  /** Begins to measure. */
  constructor(inside: BridgeInside) {
    this.#inside = inside;
  }

  /** Whether it does its work: it has a Register, and hears itself on NATS. */
  get state(): RoleState {
    const { gateways, nats, swap, isStopping } = this.#inside;
    if (isStopping()) return "draining";
    const isReady = gateways.isKnown && gateways.hasRegister &&
      nats.isConnected && !swap.cells.isCutOff;
    return isReady ? "ready" : "waiting";
  }

  /** Returns how it is. */
  report(): BridgeReport {
    const { options, instance, address, nats, gateways, callers, swap } =
      this.#inside;
    return {
      id: instance,
      index: 0,
      ...options,
      address,
      state: this.state,
      ...this.#meter.figures(),
      nats: {
        connected: nats.isConnected,
        server: nats.server,
        cutOff: swap.cells.isCutOff,
        reconnects: Math.max(0, nats.connects - 1),
      },
      shards: swap.active.epochs.map((epoch, shard) => ({
        shard,
        epoch: Math.max(epoch, 0),
        active: epoch > 0,
      })),
      workers: callers.size,
      gateways: gateways.size,
      cells: swap.cells.others.slice(0, MAX_CELLS)
        .map((cell) => this.#cell(cell)),
      forged: swap.doubts.forged,
      events: recentEvents(),
    };
  }

  /** Measures no longer. */
  [Symbol.dispose](): void {
    this.#meter[Symbol.dispose]();
  }

  #cell(cell: string): CellReport {
    const { swap } = this.#inside;
    const pairs = swap.exchanges.map((each) => each.pair(cell))
      .filter((pair) => pair !== undefined);
    const waiting = pairs.map(({ unacknowledged }) => unacknowledged);
    const sum = (numbers: readonly number[]) =>
      numbers.reduce((total, each) => total + each, 0);
    const most = (numbers: readonly number[]) => Math.max(0, ...numbers);
    return {
      cell,
      reachable: swap.cells.isHeard(cell),
      silentFor: round(swap.cells.silenceOf(cell) / 1_000),
      roundTrip: round(most(pairs.map(({ roundTrip }) => roundTrip))),
      ...swap.figuresOf(cell),
      unacknowledged: {
        frames: sum(waiting.map(({ frames }) => frames)),
        bytes: sum(waiting.map(({ bytes }) => bytes)),
      },
      lag: round(most(waiting.map(({ lag }) => lag))),
      absentNames: sum(pairs.map(({ absentNames }) => absentNames)),
    };
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
