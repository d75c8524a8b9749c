/**
 * Nodes of the original, GatewayWorker on PHP, for tests. They are no part of the
 * project: `GATEWAYWORKER_PHP` names a folder in which `vendor/autoload.php` finds the
 * packages, and `demos/todpole/Events.php` and `demos/chat/Events.php` are the handlers
 * of the original's demos. Where something is missing, tests are skipped.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { endsWithin } from "../../lib/base/pause.ts";
import { eventually } from "./eventually.ts";
import { getAvailablePorts, TestProcess } from "./processes.ts";

/** Where the packages are, unless the environment says otherwise. */
const FOLDER = Deno.env.get("GATEWAYWORKER_PHP") ??
  `${tmpdir()}/gatewayworker-bench-peers/php`;

const NODE = fileURLToPath(new URL("php/node.php", import.meta.url));
const CLIENT = fileURLToPath(new URL("php/client.php", import.meta.url));
const EVENTS = fileURLToPath(new URL("php/events.php", import.meta.url));

/** What the packages must have. */
const CLASSES = [
  "GatewayWorker\\Gateway",
  "Workerman\\Worker",
  "GatewayClient\\Gateway",
];

/** Longest wait for an answer, in milliseconds. */
const PATIENCE = 20_000;

/** Says what is missing to run nodes of the original; `undefined` if nothing is. */
function findLack(): string | undefined {
  const names = CLASSES.map((name) => `class_exists(${JSON.stringify(name)})`);
  const code = `foreach (["pcntl","posix","sockets"] as $e) ` +
    `if (!extension_loaded($e)) exit("the extension $e of PHP");` +
    `if (!@include "${FOLDER}/vendor/autoload.php") exit("${FOLDER}/vendor/autoload.php");` +
    `if (!(${
      names.join(" && ")
    })) exit("a class of the original in ${FOLDER}");` +
    `echo "all";`;
  try {
    const { stdout } = new Deno.Command("php", { args: ["-r", code] })
      .outputSync();
    const found = new TextDecoder().decode(stdout).trim();
    return found === "all" ? undefined : found;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "the program php";
    throw error;
  }
}

const lack = findLack();

/** A test that needs nodes of the original: skipped, with a line, where there are none. */
export function phpTest(name: string, run: () => Promise<void>): void {
  Deno.test({ name, ignore: lack !== undefined, fn: run });
}

if (lack !== undefined) {
  // deno-lint-ignore no-console -- whoever runs the tests is to know what did not run
  console.warn(`Skipped tests with nodes of the original: ${lack} is missing`);
}

/** The handler of one of the original's demos. */
export function demoEvents(demo: "todpole" | "chat"): string {
  return `${FOLDER}/demos/${demo}/Events.php`;
}

/** Whether the demos' handlers are there. */
export function hasDemos(): boolean {
  try {
    Deno.statSync(demoEvents("todpole"));
    Deno.statSync(demoEvents("chat"));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What a node of the original is told. */
export interface PhpNodeOptions {
  /** Addresses of the Registers, as the original takes them. */
  readonly register?: string | readonly string[];
  /**
   * The key that it sends in clear.
   *
   * @default {""}
   */
  readonly secretKey?: string;
  /**
   * How many processes.
   *
   * @default {1}
   */
  readonly count?: number;
}

/** A role of the original: a master process, and below it those that do the work. */
export class PhpNode implements AsyncDisposable {
  readonly #process: TestProcess;
  readonly #folder: string;
  readonly #count: number;

  private constructor(
    process: TestProcess,
    folder: string,
    count: number,
  ) {
    this.#process = process;
    this.#folder = folder;
    this.#count = count;
  }

  /** Starts a node; see {@linkcode PhpNode.ready}. */
  static async start(
    node: Readonly<Record<string, unknown>> & { readonly role: string },
    { register = "", secretKey = "", count = 1 }: PhpNodeOptions,
  ): Promise<PhpNode> {
    const folder = await Deno.makeTempDir();
    const vendor = `${FOLDER}/vendor`;
    const told = { vendor, folder, register, secretKey, count, ...node };
    const env = { PHP_NODE: JSON.stringify(told) };
    const command = ["php", NODE, "start"] as const;
    return new PhpNode(new TestProcess(command, { env }), folder, count);
  }

  /** What it printed so far. */
  get out(): readonly string[] {
    return this.#process.out;
  }

  /** Resolves with the ids of the processes that do the work, when so many have begun. */
  async ready(count = this.#count): Promise<number[]> {
    const lines = await this.#process.lines(/^ready /, count);
    return lines.map((line) => Number(line.split(" ")[2]));
  }

  /** Stops it as `stop` does. */
  async stop(): Promise<void> {
    await this.#process.insist("SIGTERM");
  }

  /** Ends one of the processes that do the work at once; the master starts another. */
  async killOne(): Promise<void> {
    const pids = await this.ready();
    Deno.kill(pids.at(-1) ?? 0, "SIGKILL");
  }

  /** Ends all of it at once, as if its machine had gone. */
  async kill(): Promise<void> {
    this.#process.signal("SIGKILL");
    for (const pid of await this.ready(1)) Deno.kill(pid, "SIGKILL");
    await this.#process.status;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** A Register of the original, with where it is. */
export async function startPhpRegister(
  options: PhpNodeOptions & { readonly address?: string } = {},
): Promise<{ node: PhpNode; address: string }> {
  const address = options.address ?? `127.0.0.1:${getAvailablePorts(1)}`;
  const node = await PhpNode.start(
    { role: "register", listen: address },
    options,
  );
  await eventually("the original's Register listens", () => accepts(address));
  return { node, address };
}

/** A gateway of the original, with where it is. */
export interface PhpGateway {
  /** Its processes. */
  readonly node: PhpNode;
  /** For clients. */
  readonly url: string;
  /** What it announces, for each of its processes. */
  readonly addresses: readonly string[];
}

/** Starts a gateway of the original. */
export async function startPhpGateway(
  options: PhpNodeOptions & { readonly protocol?: string },
): Promise<PhpGateway> {
  const { count = 1, protocol = "websocket" } = options;
  const port = getAvailablePorts(1 + count);
  const listen = `${protocol}://127.0.0.1:${port}`;
  const startPort = port + 1;
  const node = await PhpNode.start(
    { role: "gateway", listen, startPort },
    options,
  );
  await node.ready();
  const addresses = Array.from(
    { length: count },
    (_, index) => `127.0.0.1:${startPort + index}`,
  );
  const scheme = protocol === "websocket" ? "ws" : protocol;
  return { node, url: `${scheme}://127.0.0.1:${port}`, addresses };
}

/** Starts a worker of the original. */
export async function startPhpWorker(
  options: PhpNodeOptions & {
    readonly name?: string;
    readonly events?: string;
  },
): Promise<PhpNode> {
  const { name = "PhpWorker", events = EVENTS } = options;
  const node = await PhpNode.start({ role: "worker", name, events }, options);
  await node.ready();
  return node;
}

/** The original's GatewayClient, in a process of its own. */
export class PhpGatewayClient implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #held = "";

  /** Starts it. */
  constructor(
    options: PhpNodeOptions & { readonly persistent?: boolean },
  ) {
    const { register, secretKey = "", persistent = false } = options;
    const vendor = `${FOLDER}/vendor`;
    const told = { vendor, register, secretKey, persistent };
    this.#process = new Deno.Command("php", {
      args: [CLIENT],
      env: { PHP_NODE: JSON.stringify(told) },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#reader = this.#process.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  /** Calls the API; throws what the original threw. */
  async call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const line = `${JSON.stringify({ call: name, args })}\n`;
    await this.#writer.write(new TextEncoder().encode(line));
    const answer = this.#line();
    if (!await endsWithin(answer, PATIENCE)) {
      throw new RangeError(`The original did not answer: ${name}`);
    }
    const { result, error } = JSON.parse(await answer);
    if (error !== undefined) throw new RangeError(error);
    return result;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.#reader.cancel();
    await this.#process.status;
  }

  /** The next line that is an answer: warnings of PHP are none. */
  async #line(): Promise<string> {
    while (true) {
      const end = this.#held.indexOf("\n");
      if (end >= 0) {
        const line = this.#held.slice(0, end);
        this.#held = this.#held.slice(end + 1);
        if (line.startsWith("{")) return line;
        continue;
      }
      const { value, done } = await this.#reader.read();
      if (done) throw new RangeError("The original's client has ended");
      this.#held += value;
    }
  }
}

async function accepts(address: string): Promise<boolean> {
  const [hostname = "", port = ""] = address.split(":");
  try {
    (await Deno.connect({ hostname, port: Number(port) })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

/** Puts the packages of the original where programs in a folder look for them. */
export async function layPhpPackages(folder: string): Promise<void> {
  await Deno.symlink(`${FOLDER}/vendor`, `${folder}/vendor`);
}
