import { ProcessMeter } from "../observe/process_meter.ts";
import { recentEvents } from "../observe/recent_events.ts";
import type { ClusterReport, RegisterReport } from "../observe/report.ts";
import type { Directory } from "./directory.ts";
import { toBridgeReport, toNodeReport } from "./node_report.ts";
import type { Peer } from "./peer.ts";

/** What a Register shows to nobody but its monitor. */
export interface RegisterInside {
  /** Who is up. */
  readonly directory: Directory<Peer>;
  /** Where it listens. */
  address(): string;
  /** How many are connected. */
  connections(): number;
  /** Whether it was told to stop. */
  isClosing(): boolean;
}

/** Knows how a Register is, and how everybody else is, as they told it. */
export class RegisterMonitor implements Disposable {
  readonly #inside: RegisterInside;
  readonly #instance = crypto.randomUUID();
  readonly #meter = new ProcessMeter();

  /** Begins to measure. */
  constructor(inside: RegisterInside) {
    this.#inside = inside;
  }

  /** Returns how the Register is. */
  report(): RegisterReport {
    return {
      id: this.#instance,
      name: "Register",
      index: 0,
      address: this.#inside.address(),
      state: this.#inside.isClosing() ? "draining" : "ready",
      ...this.#meter.figures(),
      connections: this.#inside.connections(),
      events: recentEvents(),
    };
  }

  /** Returns how everybody is. */
  clusterReport(): ClusterReport {
    const { directory } = this.#inside;
    const bridges = directory.reportedBridges();
    return {
      registers: [this.report()],
      gateways: directory.reportedGateways().map(toNodeReport),
      workers: directory.reportedWorkers()
        .filter(({ role }) => role !== "client").map(toNodeReport),
      ...(bridges.length > 0 &&
        { bridges: bridges.map(toBridgeReport) }),
    };
  }

  /** Measures no longer. */
  [Symbol.dispose](): void {
    this.#meter[Symbol.dispose]();
  }
}
