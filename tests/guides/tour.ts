import { Network, whyNoNetwork } from "../testbed/network.ts";
import { type Command, type Means, type Page, readPage } from "./page.ts";
import { GuideError, Terminal } from "./terminal.ts";

const ROOT = new URL("../../", import.meta.url);

/** Folders of the checkout that no clone has. */
const NOT_CLONED = [".git", "node_modules", "coverage"];

/** Ports that the pages use, and which must be free where there are no namespaces. */
const PORTS = [1236, 2000, 8282, 8383, 8484];

/** What became of a page. */
export interface Outcome {
  /** The page, as a path from the top of the checkout. */
  readonly path: string;
  /** What it asks. */
  readonly page: Page;
  /** What went wrong: the first failure ends the page; none if all went well. */
  readonly failure?: string;
}

/** How pages are followed. */
export interface TourOptions {
  /** Whether commands may fetch something from elsewhere. */
  readonly network: boolean;
  /** Whether there is time for what other tests do as well. */
  readonly time: boolean;
  /** What the names of its network namespaces begin with; nobody else's. */
  readonly prefix: string;
  /** Told of each command before it runs. */
  readonly onCommand?: (path: string, command: Command) => void;
}

/** Follows pages as a reader does who does all that they say, and nothing else. */
export class Tour {
  readonly #options: TourOptions;
  readonly #hasNetworks: boolean;
  #count = 0;

  private constructor(options: TourOptions, hasNetworks: boolean) {
    this.#options = options;
    this.#hasNetworks = hasNetworks;
  }

  /** Finds out what this machine can do. */
  static async prepare(options: TourOptions): Promise<Tour> {
    const reason = await whyNoNetwork(`${options.prefix}x`);
    return new Tour(options, reason === undefined);
  }

  /** Whether each page has a network of its own. */
  get isApart(): boolean {
    return this.#hasNetworks;
  }

  /** Why no page at all can be followed here; `undefined` if they can. */
  get obstacle(): string | undefined {
    if (this.#hasNetworks) return undefined;
    const taken = PORTS.find(isTaken);
    return taken === undefined ? undefined : `port ${taken} is taken`;
  }

  /**
   * Follows one page, in a copy of the checkout.
   *
   * @param path The page, as a path from the top of the checkout.
   */
  async follow(path: string): Promise<Outcome> {
    const { network, time } = this.#options;
    const means: Means = { has, network, time };
    const page = readPage(await Deno.readTextFile(new URL(path, ROOT)), means);
    if (page.blocks === 0) return { path, page };
    if (page.hosts.length > 0 && !this.#hasNetworks) {
      const reason = "there are no network namespaces for its machines";
      const skipped = [...page.skipped, { line: 1, reason }];
      return { path, page: { ...page, blocks: 0, skipped } };
    }
    try {
      await this.#walk(path, page);
      return { path, page };
    } catch (error) {
      if (!(error instanceof GuideError)) throw error;
      return { path, page, failure: error.message };
    }
  }

  async #walk(path: string, page: Page): Promise<void> {
    await using stack = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir({ prefix: "guides-" });
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    const clone = `${folder}/gatewayworker`;
    await copyFolder(new URL(ROOT).pathname, clone);
    const terminals = await this.#terminals(page.hosts, folder, stack);
    const first = [...terminals.values()][0];
    for (const step of page.steps) {
      if (step.type === "file") {
        await Deno.writeTextFile(`${first?.folder}/${step.name}`, step.text);
      } else if (step.type === "interrupt") {
        for (const each of terminals.values()) await each.interrupt();
      } else await this.#run(path, step, terminals);
    }
    for (const each of [...terminals.values()].reverse()) {
      await each.interrupt();
    }
  }

  async #run(
    path: string,
    step: Command,
    terminals: ReadonlyMap<string, Terminal>,
  ): Promise<void> {
    this.#options.onCommand?.(path, step);
    const where = step.hosts.length > 0 ? step.hosts : [...terminals.keys()];
    for (const host of where) {
      try {
        const network = step.fetches ? "machine" : "place";
        await terminals.get(host)?.run(step.text, network);
      } catch (error) {
        if (!(error instanceof GuideError)) throw error;
        throw new GuideError(
          `${path}:${step.line}: ${step.text}\n${error.message}`,
        );
      }
    }
  }

  /** Opens a terminal on each machine of a page, all in the same clone. */
  async #terminals(
    addresses: readonly string[],
    folder: string,
    stack: AsyncDisposableStack,
  ): Promise<Map<string, Terminal>> {
    const names = addresses.length > 0 ? addresses : ["127.0.0.1"];
    const network = new Network(`${this.#options.prefix}${this.#count++}`);
    if (this.#hasNetworks) stack.use(network);
    const terminals = new Map<string, Terminal>();
    for (const [index, name] of names.entries()) {
      const host = this.#hasNetworks
        ? await network.add(`h${index}`, name)
        : undefined;
      const terminal = await Terminal.open({
        folder: `${folder}/gatewayworker`,
        memory: `${folder}/host-${index}`,
        namespace: host?.namespace,
      });
      terminals.set(name, stack.use(terminal));
    }
    return terminals;
  }
}

/** Paths of all pages whose blocks are for users. */
export async function userPages(): Promise<string[]> {
  const pages: string[] = [];
  for (const folder of ["", "docs/"]) {
    for await (const { name } of Deno.readDir(new URL(folder, ROOT))) {
      if (!name.endsWith(".md")) continue;
      if (folder !== "" || name.startsWith("README")) pages.push(folder + name);
    }
  }
  return pages.sort();
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    if (NOT_CLONED.includes(entry.name)) continue;
    const [source, target] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
    if (entry.isDirectory) await copyFolder(source, target);
    else if (entry.isFile) await Deno.copyFile(source, target);
  }
}

function has(program: string): boolean {
  const { success } = new Deno.Command("sh", {
    args: ["-c", 'command -v "$1" >/dev/null', "sh", program],
  }).outputSync();
  return success;
}

function isTaken(port: number): boolean {
  try {
    Deno.listen({ hostname: "0.0.0.0", port }).close();
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return true;
    throw error;
  }
}
