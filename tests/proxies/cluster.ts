import {
  getAvailablePorts,
  startCli,
  type TestProcess,
} from "../_support/processes.ts";
import { Client } from "./client.ts";

const HERE = new URL(".", import.meta.url).pathname;

/** Clients of one gateway: so few that a proxy fills them in a moment. */
const MAX_CONNECTIONS = 250;

/** What gateways expect of a proxy: its scheme, and a header of the PROXY protocol. */
export type GatewayKind = "ws" | "PROXY ws" | "PROXY wss";

const KINDS: readonly GatewayKind[] = ["ws", "PROXY ws", "PROXY wss"];

/** Cluster of processes: a Register, two gateways of each kind, and a worker. */
export class ProxiedCluster implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #gateways = new Map<number, TestProcess>();
  readonly #args = new Map<number, readonly string[]>();
  readonly #linkPorts = new Map<number, number>();
  readonly #register = getAvailablePorts(1);
  #worker: TestProcess | undefined;
  /** Ports of the two gateways of each kind. */
  readonly gateways: Record<GatewayKind, number[]> = {
    ws: [],
    "PROXY ws": [],
    "PROXY wss": [],
  };

  /**
   * Starts all of it.
   *
   * @param certificates Folder with `chain.pem` and `key.pem`.
   */
  static async start(certificates: string): Promise<ProxiedCluster> {
    const cluster = new ProxiedCluster();
    try {
      await cluster.#start(certificates);
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Resolves with the line that the worker prints, or has printed. */
  async heard(pattern: RegExp): Promise<string> {
    return await this.#worker?.line(pattern) ?? "";
  }

  /** Whether a greeting is of a client of this gateway: its id tells. */
  isOf(greeting: string, port: number): boolean {
    const [, , id = ""] = greeting.split(" ");
    return Number.parseInt(id.slice(8, 12), 16) === this.#linkPorts.get(port);
  }

  /** Ends a gateway as a crash does. */
  async kill(port: number): Promise<void> {
    const gateway = this.#gateways.get(port);
    gateway?.signal("SIGKILL");
    await gateway?.status;
  }

  /** Starts a gateway, again or for the first time, and waits until it listens. */
  async startGateway(port: number): Promise<void> {
    const gateway = startCli([
      ...["gateway", "--alone", `--register=127.0.0.1:${this.#register}`],
      ...["--trusted-proxies=127.0.0.1", `--authorize=${HERE}authorize.ts`],
      ...[`--max-connections=${MAX_CONNECTIONS}`, "--start-port=0"],
      ...this.#args.get(port) ?? [],
    ]);
    this.#gateways.set(port, gateway);
    this.#stack.use(gateway);
    const line = await gateway.line(/^Gateway ready/);
    const [, linkPort] = /workers on \S+:(\d+)/.exec(line) ?? [];
    this.#linkPorts.set(port, Number(linkPort));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #start(certificates: string): Promise<void> {
    const at = `127.0.0.1:${this.#register}`;
    const register = startCli(["register", `--register-listen=${at}`]);
    this.#stack.use(register);
    await register.line(/^Register ready/);
    const first = getAvailablePorts(2 * KINDS.length);
    KINDS.forEach((kind, i) => {
      for (const port of [first + 2 * i, first + 2 * i + 1]) {
        this.gateways[kind].push(port);
        this.#args.set(port, argsOf(kind, port, certificates));
      }
    });
    for (const port of this.#args.keys()) await this.startGateway(port);
    const handler = `${HERE}handler.ts`;
    const args = ["worker", handler, "--alone", `--register=${at}`];
    this.#worker = this.#stack.use(startCli(args));
    await this.#worker.errorLines(/Linked to gateway/, this.#args.size);
    // Nobody waits for a worker from here on.
    using client = await Client.connect({ port: first, tls: false });
    await client.hear();
  }
}

function argsOf(
  kind: GatewayKind,
  port: number,
  certificates: string,
): string[] {
  const [scheme = "ws"] = kind.split(" ").reverse();
  const args = [`--listen=${scheme}://127.0.0.1:${port}`];
  if (kind !== scheme) args.push("--proxy-protocol");
  if (scheme === "wss") {
    args.push(`--cert=${certificates}/chain.pem`);
    args.push(`--key=${certificates}/key.pem`);
  }
  return args;
}
