import { eventually } from "./eventually.ts";
import { getAvailablePorts } from "./processes.ts";

/** The program; Debian puts it where only root looks. */
const PROGRAM = findProgram();

/**
 * Options of tests that need a real `nats-server`: they are skipped, and their name says
 * so, where there is none.
 */
export const WITH_NATS: Pick<Deno.TestDefinition, "ignore"> = {
  ignore: PROGRAM === undefined,
};

/** Says why there is no `nats-server`; `undefined` if there is one. */
export function whyNoNats(): string | undefined {
  return PROGRAM === undefined
    ? "there is no nats-server (Debian: apt-get install nats-server)"
    : undefined;
}

/** How to run a {@linkcode NatsServer}. */
export interface NatsServerOptions {
  /** A configuration file. It says where the server listens; `port` then says it too. */
  readonly config?: string;
  /** Variables that the file names. */
  readonly env?: Record<string, string>;
  /** What it is started by, such as `["ip", "netns", "exec", "one"]`. */
  readonly through?: readonly string[];
  /** Where it listens. */
  readonly hostname?: string;
  /** Its port; a free one if left out. */
  readonly port?: number;
  /** File of its log; none if left out. */
  readonly log?: string;
}

/** A real `nats-server`, which may be killed, frozen and started again. */
export class NatsServer implements AsyncDisposable {
  readonly #options: NatsServerOptions;
  #process: Deno.ChildProcess | undefined;
  /** Where it listens. */
  readonly hostname: string;
  /** Its port. */
  readonly port: number;

  /** Makes one that is to be started. */
  constructor(options: NatsServerOptions = {}) {
    this.#options = options;
    this.hostname = options.hostname ?? "127.0.0.1";
    this.port = options.port ?? getAvailablePorts(1);
  }

  /** Starts one, and waits until it listens. */
  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const server = new NatsServer(options);
    await server.start();
    return server;
  }

  /** What clients are told. */
  get url(): string {
    return `nats://${this.hostname}:${this.port}`;
  }

  /** Starts it, also again, and waits until it listens. */
  async start(): Promise<void> {
    const { config, env = {}, through = [], log } = this.#options;
    const where = config === undefined
      ? ["-a", this.hostname, "-p", `${this.port}`]
      : ["-c", config];
    const logs = log === undefined ? [] : ["-l", log];
    const [program = "", ...rest] = [
      ...through,
      PROGRAM ?? "nats-server",
      ...where,
      ...logs,
    ];
    this.#process = new Deno.Command(program, {
      args: rest,
      env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await eventually("nats-server listens", () => this.#listens());
  }

  /** Lets it stand still; connections stay. */
  freeze(): void {
    this.#signal("SIGSTOP");
  }

  /** Lets it go on. */
  thaw(): void {
    this.#signal("SIGCONT");
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.#process?.status;
    this.#process = undefined;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#process?.kill(signal);
    } catch (error) {
      // It ended first.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async #listens(): Promise<boolean> {
    try {
      const { hostname, port } = this;
      using _connection = await Deno.connect({ hostname, port });
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return false;
      throw error;
    }
  }
}

function findProgram(): string | undefined {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin"];
  return folders.map((folder) => `${folder}/nats-server`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      // Not there.
      return false;
    }
  });
}
