import type { GatewayOptions } from "../../mod.ts";
import { FakeTime } from "../_support/fake_time.ts";
import { Child } from "./child.ts";
import type { GatewayReport } from "./gateway_process.ts";
import { JOURNAL_VARIABLE } from "./handler.ts";
import type { JournalWriter, MarkKind } from "./journal.ts";
import { LinkProxy } from "./link_proxy.ts";
import { getAvailablePorts } from "../_support/processes.ts";

/** Where gateways listen for workers when a proxy stands before them. */
const HIDDEN_HOST = "127.0.0.2";

/** How often the driver looks whether something has happened, in milliseconds. */
const LOOK_INTERVAL = 25;

const CLI = import.meta.resolve("../../cli.ts");
const GATEWAY = import.meta.resolve("./gateway_process.ts");
const HANDLER = new URL("./handler.ts", import.meta.url).pathname;

/** How big a {@linkcode TestCluster} is. */
export interface TestClusterOptions {
  /** Register processes. */
  readonly registers: number;
  /** Gateway processes. */
  readonly gateways: number;
  /** Worker processes. */
  readonly workers: number;
  /** Folder of journal and logs. */
  readonly folder: string;
  /** Further options of the gateways. */
  readonly gatewayOptions?: GatewayOptions;
  /**
   * Whether each process gets a time of day of its own.
   *
   * @default {false}
   */
  readonly setsClocks?: boolean;
  /**
   * Path of the handler.
   *
   * @default {that of the chaos scenario}
   */
  readonly handler?: string;
  /** Further options of the workers, as their command line has them. */
  readonly workerArgs?: readonly string[];
}

/** One gateway of the cluster: its ports stay while processes come and go. */
export interface GatewaySlot {
  /** Its number. */
  readonly number: number;
  /** Where clients dial. */
  readonly port: number;
  /** What stands between it and the workers. */
  readonly proxy: LinkProxy;
  /** The process; `undefined` while there is none. */
  child: Child | undefined;
}

/** One Register of the cluster. */
export interface RegisterSlot {
  /** Its number. */
  readonly number: number;
  /** Where it listens. */
  readonly port: number;
  /** The process; `undefined` while there is none. */
  child: Child | undefined;
}

/** A cluster of real processes on this machine, and proxies on its links. */
export class TestCluster {
  readonly #options: TestClusterOptions;
  readonly #journal: JournalWriter;
  readonly #ended: Promise<void>[] = [];
  #named = 0;
  #started = 0;
  /** The Registers. */
  readonly registers: RegisterSlot[] = [];
  /** The gateways. */
  readonly gateways: GatewaySlot[] = [];
  /** Workers that were started and not killed or told to stop. */
  workers: Child[] = [];
  /** Workers that were told to stop, and had not ended when last seen. */
  leaving: Child[] = [];
  /** Processes that stand still: they are asked nothing. */
  readonly frozen = new Set<Child>();
  /** The time of day of each process, if they have their own. */
  readonly clocks = new Map<Child, FakeTime>();
  /** Processes that did not end as they should, and how they ended. */
  readonly badExits: { who: string; detail: string }[] = [];

  /** Creates a cluster without processes. */
  constructor(options: TestClusterOptions, journal: JournalWriter) {
    this.#options = options;
    this.#journal = journal;
  }

  /** Starts every process and waits until all know each other. */
  async start(): Promise<void> {
    const { registers, gateways, workers } = this.#options;
    for (let number = 0; number < registers; number++) {
      const port = getAvailablePorts(1);
      this.registers.push({ number, port, child: undefined });
    }
    for (let number = 0; number < gateways; number++) {
      const proxy = new LinkProxy(HIDDEN_HOST);
      const port = getAvailablePorts(1);
      this.gateways.push({ number, port, proxy, child: undefined });
    }
    await allOf(this.registers.map((slot) => this.startRegister(slot)));
    await allOf([
      ...this.gateways.map((slot) => this.startGateway(slot)),
      ...Array.from({ length: workers }, () => this.startWorker()),
    ]);
    // A seed picks the same one, whoever was ready first.
    this.workers.sort(({ name: one }, { name: other }) =>
      one.localeCompare(other, "en", { numeric: true })
    );
    await this.linked();
  }

  /** Starts a Register where it was. */
  async startRegister(slot: RegisterSlot): Promise<void> {
    slot.child = await this.#spawn(`register${slot.number}`, [
      CLI,
      "register",
      "--register-listen",
      `127.0.0.1:${slot.port}`,
    ]);
  }

  /** Starts a gateway where it was. */
  async startGateway(slot: GatewaySlot): Promise<void> {
    const { number, port, proxy } = slot;
    const options = {
      name: `gateway${number}`,
      listen: [`ws://127.0.0.1:${port}`],
      register: this.registerAddresses,
      lanIp: "127.0.0.1",
      lanListen: HIDDEN_HOST,
      startPort: proxy.port,
      ...this.#options.gatewayOptions,
    };
    slot.child = await this.#spawn(options.name, [
      GATEWAY,
      JSON.stringify(options),
    ]);
    proxy.up();
    this.mark("started", `g${number}`);
  }

  /** Starts one more worker. */
  async startWorker(): Promise<Child> {
    const name = `w${++this.#named}`;
    const worker = await this.#spawn(name, [
      CLI,
      "worker",
      "--alone",
      this.#options.handler ?? HANDLER,
      "--name",
      name,
      "--register",
      this.registerAddresses.join(","),
      ...this.#options.workerArgs ?? [],
    ]);
    this.workers.push(worker);
    return worker;
  }

  /** Kills a process that is expected to be killed. */
  async kill(child: Child): Promise<void> {
    this.#remove(child);
    await child.end("SIGKILL");
  }

  /** Tells a process to stop; it is watched until it has ended. */
  stop(child: Child): Promise<void> {
    this.#remove(child);
    child.isDoomed = true;
    this.leaving.push(child);
    const ended = this.#watchStop(child);
    this.#ended.push(ended);
    return ended;
  }

  /** Returns what a gateway says of itself; `undefined` if there is none. */
  async ask({ child }: GatewaySlot): Promise<GatewayReport | undefined> {
    if (child === undefined || this.frozen.has(child)) return undefined;
    try {
      // Written by our own process.
      return JSON.parse(await child.ask()) as GatewayReport;
    } catch (error) {
      if (child.isDoomed) return undefined;
      throw error;
    }
  }

  /** Resolves when every gateway has links with so many workers, or the time is over. */
  async linked(
    count = this.workers.length,
    timeout = 15_000,
  ): Promise<boolean> {
    return await this.until(async () => {
      const reports = await Promise.all(this.gateways.map((g) => this.ask(g)));
      return reports.every((each) =>
        each === undefined || each.workers >= count
      );
    }, timeout);
  }

  /** Resolves when something is so, or the time is over. */
  async until(
    isSo: () => boolean | Promise<boolean>,
    timeout: number,
  ): Promise<boolean> {
    const deadline = performance.now() + timeout;
    while (!await isSo()) {
      if (performance.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
    }
    return true;
  }

  /** Says in the journal what is about to happen. */
  mark(mark: MarkKind, who: string): void {
    this.#journal.append({ kind: "mark", mark, target: who });
  }

  /** Stops all processes: workers, gateways, Registers. */
  async shutdown(): Promise<void> {
    await Promise.all(this.workers.map((worker) => this.stop(worker)));
    for (const slots of [this.gateways, this.registers]) {
      await Promise.all(slots.map(({ child }) => child && this.stop(child)));
    }
    await Promise.all(this.#ended);
    for (const { proxy } of this.gateways) await proxy[Symbol.asyncDispose]();
  }

  /** Ends what is left at once: for a run that failed. */
  async destroy(): Promise<void> {
    const slots = [...this.gateways, ...this.registers];
    const children = [
      ...this.workers,
      ...this.leaving,
      ...slots.flatMap(({ child }) => child ?? []),
    ];
    await Promise.all(children.map((child) => this.kill(child)));
    await Promise.all(this.#ended);
    for (const { proxy } of this.gateways) await proxy[Symbol.asyncDispose]();
  }

  /** Where the Registers listen. */
  get registerAddresses(): string[] {
    return this.registers.map(({ port }) => `127.0.0.1:${port}`);
  }

  async #spawn(name: string, args: string[]): Promise<Child> {
    const { folder, setsClocks = false } = this.#options;
    const clock = setsClocks
      ? new FakeTime(`${folder}/clock-${++this.#started}`)
      : undefined;
    const child = await Child.start({
      name,
      args: ["run", "-A", ...args],
      env: { [JOURNAL_VARIABLE]: `${folder}/journal`, ...clock?.env },
      folder,
    });
    if (clock !== undefined) this.clocks.set(child, clock);
    void this.#watchEnd(child);
    return child;
  }

  /** A process that ends by itself is a finding. */
  async #watchEnd(child: Child): Promise<void> {
    const { code, signal } = await child.status;
    if (child.isDoomed) return;
    this.#remove(child);
    const detail = `ended by itself: code ${code}, signal ${signal}`;
    this.badExits.push({ who: child.name, detail });
    await child.finished();
  }

  async #watchStop(child: Child): Promise<void> {
    const { code, signal } = await child.end("SIGTERM");
    this.leaving = this.leaving.filter((each) => each !== child);
    if (code === 0 || signal === "SIGKILL") return;
    const detail = `told to stop, ended with code ${code}, signal ${signal}`;
    this.badExits.push({ who: child.name, detail });
  }

  #remove(child: Child): void {
    this.clocks.delete(child);
    this.workers = this.workers.filter((each) => each !== child);
    for (const slot of [...this.gateways, ...this.registers]) {
      if (slot.child === child) slot.child = undefined;
    }
  }
}

/** Waits for all, also if one fails: what was started by then can be ended. */
async function allOf(promises: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(promises);
  await Promise.all(promises);
}
