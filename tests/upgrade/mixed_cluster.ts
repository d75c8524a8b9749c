import { getAvailablePorts, TestProcess } from "../_support/processes.ts";

const HANDLER = new URL("./handler.ts", import.meta.url).pathname;

/** Both versions prove that they know it, whichever of them answers. */
const SECRET = "known to old and new";

/** A version of this package: the folder of its files. */
export type Version = string;

/** The version of each role. */
export interface Versions {
  readonly register: Version;
  readonly gateway: Version;
  readonly worker: Version;
}

/** All roles of one version. */
export function allOf(version: Version): Versions {
  return { register: version, gateway: version, worker: version };
}

/** What all nodes of a cluster are given. */
export interface MixedClusterOptions {
  /** The path of the handler that workers run: a file that imports nothing but types. */
  readonly handler: string;
  /** Variables beside the secret. */
  readonly env: Readonly<Record<string, string>>;
  /** More options of gateways. */
  readonly gateway: readonly string[];
}

/** A Register, gateways and workers, each of the version that is wished for. */
export class MixedCluster implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #options: MixedClusterOptions;
  /** Where its Register listens, whichever version that is. */
  readonly register: string = `127.0.0.1:${getAvailablePorts(1)}`;
  /** Where clients connect: one address for each gateway. */
  readonly addresses: string[] = [];
  /** The secret of the cluster. */
  readonly secretKey: string = SECRET;

  constructor(options: Partial<MixedClusterOptions> = {}) {
    const { handler = HANDLER, env = {}, gateway = [] } = options;
    this.#options = { handler: this.#placeless(handler), env, gateway };
  }

  /** Starts a Register, in place of one that has ended. */
  async startRegister(version: Version): Promise<TestProcess> {
    const listen = ["--listen", this.register];
    return await this.#start(version, "Register", ["register", ...listen]);
  }

  /** Starts one more gateway. */
  async startGateway(version: Version): Promise<TestProcess> {
    const address = `127.0.0.1:${getAvailablePorts(1)}`;
    this.addresses.push(address);
    const listen = ["--listen", `ws://${address}`, "--start-port", "0"];
    return await this.#start(version, "Gateway", [
      "gateway",
      "--alone",
      ...listen,
      ...["--register", this.register],
      ...this.#options.gateway,
    ]);
  }

  /** Takes a gateway that leaves off the list of addresses. */
  forget(address: string): void {
    this.addresses.splice(this.addresses.indexOf(address), 1);
  }

  /** Starts one more worker, and waits until it is linked to every gateway. */
  async startWorker(version: Version): Promise<TestProcess> {
    const worker = await this.#start(version, "Worker", [
      "worker",
      "--alone",
      this.#options.handler,
      ...["--register", this.register],
    ]);
    await worker.errorLines(/Linked to gateway/, this.addresses.length);
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  /**
   * Copies a handler to where no `deno.json` is: what each version runs there is taken to
   * lie in its own files.
   */
  #placeless(handler: string): string {
    const folder = Deno.makeTempDirSync();
    this.#stack.defer(() => Deno.remove(folder, { recursive: true }));
    Deno.copyFileSync(handler, `${folder}/handler.ts`);
    return `${folder}/handler.ts`;
  }

  async #start(
    version: Version,
    name: string,
    args: readonly string[],
  ): Promise<TestProcess> {
    const command = [
      Deno.execPath(),
      "run",
      "-A",
      `${version}/cli.ts`,
    ] as const;
    const env = { ...this.#options.env, GATEWAYWORKER_SECRET_KEY: SECRET };
    const process = this.#stack.use(
      new TestProcess([...command, ...args], { env }),
    );
    await process.line(new RegExp(`^${name} ready`));
    return process;
  }
}
