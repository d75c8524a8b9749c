import { join } from "node:path";
import type { GatewayKind } from "./cluster.ts";
import { TestProcess } from "../_support/processes.ts";
import { type Program, runToEnd } from "./programs.ts";
import type { Site } from "./site.ts";

/** The examples that are tried, as they are but for ports and paths. */
const EXAMPLES = new URL("../../examples/proxies/", import.meta.url);

/** Milliseconds between two looks for what nobody reports. */
const INTERVAL = 20;

/** Most milliseconds until a proxy listens, or has reloaded. */
const PATIENCE = 20_000;

/** Where things are for one start of a proxy. */
export interface Places {
  /** A folder of its own; in it `chain.pem`, `key.pem` and `site.pem`. */
  readonly folder: string;
  /** Where clients connect. */
  readonly port: number;
  /** Another free port. */
  readonly spare: number;
  /** Ports of the two gateways. */
  readonly gateways: readonly number[];
  /** What is run. */
  readonly program: Program;
}

/** A text of the example, and what it becomes. */
export type Change = readonly [from: string | RegExp, to: string];

/** A proxy that can be tried. */
export interface ProxyKind {
  /** As the table calls it. */
  readonly name: string;
  /** Debian's package. */
  readonly packageName: string;
  /** Its program. */
  readonly program: string;
  /** What makes it print its version. */
  readonly version: string;
  /** The file of `examples/proxies`. */
  readonly file: string;
  /** What clients speak with it. */
  readonly site: Omit<Site, "port">;
  /** Which gateways it is for. */
  readonly gateways: GatewayKind;
  /** How many of them it knows, if it is not two. */
  readonly backends?: 1;
  /**
   * What it prints on standard error each time that it has read its configuration. If left
   * out, a reload is seen by new child processes.
   */
  readonly announces?: RegExp;
  /** The lines of the example that keep clients from forging an address, if it has any. */
  readonly guard?: RegExp;
  /** What is changed in the example. Every change must find its place. */
  changes(places: Places): readonly Change[];
  /** How it is run in the foreground. */
  args(config: string, program: Program): readonly string[];
  /** How it is told to reload: a signal, or arguments of a command that ends with it. */
  reload(config: string): Deno.Signal | readonly string[];
}

/** A proxy before the gateways. */
export class RunningProxy implements AsyncDisposable {
  readonly kind: ProxyKind;
  /** Where clients connect. */
  readonly site: Site;
  readonly #process: TestProcess;
  readonly #program: Program;
  readonly #config: string;

  private constructor(
    kind: ProxyKind,
    { program, port }: Places,
    config: string,
  ) {
    this.kind = kind;
    this.site = { ...kind.site, port };
    this.#program = program;
    this.#config = config;
    this.#process = new TestProcess(
      [program.path, ...kind.args(config, program)],
      { env: { ...program.env } },
    );
  }

  /** Starts it and waits until it listens. */
  static async start(kind: ProxyKind, places: Places): Promise<RunningProxy> {
    return await this.#start(kind, places, await exampleOf(kind));
  }

  /** The same without the lines that keep clients from forging an address. */
  static async startUnguarded(
    kind: ProxyKind & { guard: RegExp },
    places: Places,
  ): Promise<RunningProxy> {
    const { guard } = kind;
    const lines = (await exampleOf(kind)).split("\n");
    const text = lines.filter((line) => !guard.test(line)).join("\n");
    return await this.#start(kind, places, text);
  }

  static async #start(
    kind: ProxyKind,
    places: Places,
    text: string,
  ): Promise<RunningProxy> {
    const config = join(places.folder, kind.file);
    await Deno.writeTextFile(config, changed(text, kind, places));
    const proxy = new RunningProxy(kind, places, config);
    try {
      await proxy.#listens();
      return proxy;
    } catch (error) {
      await proxy[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Has it read its configuration again; resolves when new clients get the new one. */
  async reload(): Promise<void> {
    const how = this.kind.reload(this.#config);
    if (typeof how !== "string") {
      await runToEnd(this.#program.path, how, this.#program.env);
      return;
    }
    const before = await this.#generation();
    this.#process.signal(how);
    await this.#until(
      "a new generation",
      async () =>
        (await this.#generation()).some((sign) => !before.includes(sign)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  async #listens(): Promise<void> {
    await this.#until("a listener", async () => {
      try {
        const { port } = this.site;
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return true;
      } catch (error) {
        if (error instanceof Deno.errors.ConnectionRefused) return false;
        throw error;
      }
    });
  }

  /** Signs of which there is a new one after each reload. */
  async #generation(): Promise<string[]> {
    const { announces } = this.kind;
    const { pid, errors } = this.#process;
    if (announces !== undefined) {
      return errors.filter((line) => announces.test(line))
        .map((line, index) => `${index} ${line}`);
    }
    const list = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
    return list.trim().split(" ");
  }

  /** Looks again and again, as a proxy tells nobody. */
  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    let ended = false;
    this.#process.status.then(() => ended = true);
    const deadline = performance.now() + PATIENCE;
    while (!await holds()) {
      if (ended || performance.now() > deadline) {
        const { out, errors } = this.#process;
        const said = [...out, ...errors].slice(-8).join("\n");
        const why = ended ? "it has ended" : "it takes too long";
        throw new Error(`${this.kind.name}: no ${what}, as ${why}\n${said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    }
  }
}

/** The text of an example. */
export function exampleOf({ file }: ProxyKind): Promise<string> {
  return Deno.readTextFile(new URL(file, EXAMPLES));
}

/** An example with its ports and paths changed; throws where a change finds no place. */
export function changed(text: string, kind: ProxyKind, places: Places): string {
  let result = text;
  for (const [from, to] of kind.changes(places)) {
    const next = result.replaceAll(
      typeof from === "string" ? from : new RegExp(from.source, "gm"),
      () => to,
    );
    if (next === result) {
      throw new Error(`Cannot try ${kind.file} as it has no "${from}"`);
    }
    result = next;
  }
  return result;
}
