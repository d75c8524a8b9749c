import { Child } from "../chaos/child.ts";
import type { RoleOrder, RoleReport } from "./role_process.ts";

const PROGRAM = new URL("role_process.ts", import.meta.url).pathname;

/**
 * Memory can be looked at, and the young generation has one size from the beginning:
 * otherwise it doubles now and then, which looks like a leak from outside.
 */
const V8_FLAGS = "--expose-gc,--min-semi-space-size=8,--max-semi-space-size=8";

/** Longest wait for links between all, or until nothing is left, in milliseconds. */
const PATIENCE = 20_000;

/** Milliseconds between two looks. */
const INTERVAL = 100;

/** How many processes of each role there are, a Register aside. */
export interface SoakClusterOptions {
  /** Gateways. */
  readonly gateways: number;
  /** Workers. */
  readonly workers: number;
  /** What clients speak. */
  readonly scheme: RoleOrder["scheme"];
}

/** A cluster of processes that can be asked for their memory. */
export class SoakCluster implements AsyncDisposable {
  readonly #children = new Map<string, Child>();
  readonly #folder: string;
  readonly #scheme: RoleOrder["scheme"];
  /** Where clients connect. */
  readonly addresses: string[] = [];

  private constructor(folder: string, scheme: RoleOrder["scheme"]) {
    this.#folder = folder;
    this.#scheme = scheme;
  }

  /** Starts all processes and waits until they are linked. */
  static async start(
    { gateways, workers, scheme }: SoakClusterOptions,
  ): Promise<SoakCluster> {
    const folder = await Deno.makeTempDir({ prefix: "gatewayworker-soak-" });
    const cluster = new SoakCluster(folder, scheme);
    try {
      await cluster.#add("register", "register", "127.0.0.1:0");
      const { address } = await cluster.#ask("register");
      for (let i = 1; i <= gateways; i++) {
        await cluster.#add(`gateway ${i}`, "gateway", address);
        cluster.addresses.push((await cluster.#ask(`gateway ${i}`)).address);
      }
      for (let i = 1; i <= workers; i++) {
        await cluster.#add(`worker ${i}`, "worker", address);
      }
      await cluster.#linked(gateways, workers);
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Asks every process, by name. */
  async reports(): Promise<Map<string, RoleReport>> {
    const reports = new Map<string, RoleReport>();
    for (const name of this.#children.keys()) {
      reports.set(name, await this.#ask(name));
    }
    return reports;
  }

  /** Asks every process until nothing is left of any client, or for a while at most. */
  async settled(): Promise<Map<string, RoleReport>> {
    const end = Date.now() + PATIENCE;
    while (true) {
      const reports = await this.reports();
      if (Date.now() > end || leftovers(reports).length === 0) return reports;
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const children = [...this.#children.values()].toReversed();
    for (const child of children) await child.end("SIGKILL");
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #add(
    name: string,
    role: RoleOrder["role"],
    register: string,
  ): Promise<void> {
    const order = JSON.stringify(
      { role, register, scheme: this.#scheme } satisfies RoleOrder,
    );
    const args = ["run", "-A", `--v8-flags=${V8_FLAGS}`, PROGRAM, order];
    const options = { name: name.replace(" ", "-"), args };
    const child = await Child.start({ ...options, folder: this.#folder });
    this.#children.set(name, child);
  }

  async #ask(name: string): Promise<RoleReport> {
    const answer: unknown = JSON.parse(
      await this.#children.get(name)?.ask() ?? "",
    );
    // Written by `role_process.ts`.
    return answer as RoleReport;
  }

  async #linked(gateways: number, workers: number): Promise<void> {
    const end = Date.now() + PATIENCE;
    while (Date.now() < end) {
      const reports = [...await this.reports()];
      const isLinked = reports.every(([name, { links }]) =>
        name.startsWith("gateway")
          ? links === workers
          : name.startsWith("worker")
          ? links === gateways
          : links === gateways + workers
      );
      if (isLinked) return;
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    }
    throw new Deno.errors.TimedOut(
      "Cannot begin as all must be linked: some are not",
    );
  }
}

/** Names what is left of clients and events, with how much. */
export function leftovers(reports: ReadonlyMap<string, RoleReport>): string[] {
  return [...reports].flatMap(([name, { left }]) =>
    Object.entries(left).filter(([, count]) => count !== 0)
      .map(([what, count]) => `${name}: ${count} ${what}`)
  );
}
