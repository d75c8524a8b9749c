import { JOURNAL_VARIABLE } from "../chaos/handler.ts";
import type { CrowdOptions, CrowdOrder, CrowdState } from "./crowd.ts";
import { HostProcess } from "./host_process.ts";
import type { Host } from "./network.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;
const CROWD = new URL("./crowd.ts", import.meta.url).pathname;
const HANDLER = new URL("../chaos/handler.ts", import.meta.url).pathname;

/** What all nodes of the deployment share. */
export interface DeploymentOptions {
  /** The host of the Register. */
  readonly register: Host;
  /** Folder of journal, logs and sockets. */
  readonly folder: string;
}

/** Starts the commands of the deployment on hosts. */
export class Deployment implements AsyncDisposable {
  readonly #options: DeploymentOptions;
  readonly #env: Record<string, string>;
  readonly #running = new Set<HostProcess>();
  /** The secret keys of all nodes. */
  keys: readonly string[] = [];
  /** Processes that did not leave with exit code 0. */
  readonly badExits: string[] = [];

  /** Starts nothing yet. */
  constructor(options: DeploymentOptions) {
    const { folder } = options;
    this.#options = options;
    this.setKeys([crypto.randomUUID()]);
    this.#env = {
      GATEWAYWORKER_SECRET_KEY_FILE: this.#keyFile,
      [JOURNAL_VARIABLE]: `${folder}/journal`,
    };
  }

  /** The secret keys of all nodes, which they read when they start and on SIGHUP. */
  setKeys(keys: readonly string[]): void {
    Deno.writeTextFileSync(
      this.#keyFile,
      keys.map((key) => `${key}\n`).join(""),
    );
    this.keys = keys;
  }

  /** The Register, as on the first host. */
  async register(): Promise<HostProcess> {
    const { register } = this.#options;
    return await this.#start(register, "register", /^Register ready/, [
      "register",
      "--register-listen",
      `${register.address}:1236`,
    ]);
  }

  /** Gateways, as on the first host. */
  async gateways(host: Host, count: number): Promise<HostProcess> {
    return await this.#start(host, `gateways-${host.name}`, /^All ready/, [
      "gateway",
      "--listen",
      "ws://0.0.0.0:8282",
      "--name",
      "TodpoleGateway",
      "--count",
      `${count}`,
      "--lan-ip",
      host.address,
      "--register",
      `${this.#options.register.address}:1236`,
      "--start-port",
      "2000",
      "--ping-interval",
      "10",
      "--ping-data",
      '{"type":"ping"}',
    ]);
  }

  /** Workers, as on the other hosts. */
  async workers(host: Host, count: number): Promise<HostProcess> {
    return await this.#start(host, `workers-${host.name}`, /^All ready/, [
      "worker",
      HANDLER,
      "--count",
      `${count}`,
      "--name",
      "TodpoleBusinessWorker",
      "--register",
      `${this.#options.register.address}:1236`,
    ]);
  }

  /** Clients on a host of their own. */
  async crowd(
    host: Host,
    options: Omit<CrowdOptions, "journal">,
  ): Promise<CrowdProcess> {
    const { folder } = this.#options;
    const all: CrowdOptions = { ...options, journal: `${folder}/journal` };
    const process = await this.#start(host, "crowd", undefined, [
      JSON.stringify(all),
    ], CROWD);
    return new CrowdProcess(process);
  }

  /** Runs one command of the deployment to its end; returns what it printed. */
  async run(host: Host, name: string, args: string[]): Promise<string[]> {
    const process = await this.#start(host, name, undefined, args);
    this.#running.delete(process);
    await process.ended;
    await process.stop();
    return process.lines.map(({ text }) => text);
  }

  /** Tells a process to leave. */
  async stop(process: HostProcess): Promise<void> {
    if (!this.#running.delete(process)) return;
    const code = await process.stop();
    if (code !== 0) this.badExits.push(`${process.name}: exit code ${code}`);
  }

  /** Waits for the end of a process that was killed. */
  async forget(process: HostProcess): Promise<void> {
    if (this.#running.delete(process)) await process.stop();
  }

  /** Tells all that run to leave, the last one first. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of [...this.#running].reverse()) {
      await this.stop(process);
    }
  }

  get #keyFile(): string {
    return `${this.#options.folder}/keys`;
  }

  async #start(
    host: Host,
    name: string,
    ready: RegExp | undefined,
    args: string[],
    module = CLI,
  ): Promise<HostProcess> {
    const { folder } = this.#options;
    const isRole = module === CLI && ready !== undefined;
    const process = new HostProcess({
      host,
      name,
      args: [
        "run",
        "-A",
        "--no-check",
        module,
        ...args,
        ...(isRole ? ["--runtime-dir", `${folder}/${host.name}`] : []),
      ],
      env: this.#env,
      folder,
    });
    this.#running.add(process);
    if (ready === undefined) return process;
    const [line] = await process.hear(ready);
    if (line !== undefined) return process;
    throw new Deno.errors.UnexpectedEof(
      `Cannot start ${name}: ${process.lines.at(-1)?.text ?? "it is silent"}`,
    );
  }
}

/** The crowd, as the test bed sees it. */
export class CrowdProcess {
  readonly #process: HostProcess;
  #answers = 0;

  /** @param process The process. */
  constructor(process: HostProcess) {
    this.#process = process;
  }

  /** Tells it what to do, and waits until it is done. */
  async do(order: CrowdOrder): Promise<CrowdState> {
    await this.#process.say(JSON.stringify(order));
    const answers = await this.#process.hear(/^\{"connected"/, ++this.#answers);
    const answer = answers[this.#answers - 1];
    if (answer !== undefined) return JSON.parse(answer.text) as CrowdState;
    throw new Deno.errors.TimedOut(
      `Cannot tell the crowd to ${order.order}: ${
        this.#process.lines.at(-1)?.text ?? "it is silent"
      }`,
    );
  }
}
