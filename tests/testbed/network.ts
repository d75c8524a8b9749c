import { command, CommandError } from "./command.ts";

/** A hardware address that nobody has: frames to it arrive and are thrown away. */
const NOBODY = "02:00:00:00:00:01";

/** One host: a network namespace with an address of its own. */
export interface Host {
  /** Its name. */
  readonly name: string;
  /** Its address. */
  readonly address: string;
  /** Name of its namespace. */
  readonly namespace: string;
}

/** What a line between two hosts does to what is sent on it. */
export type Impairment = readonly string[];

/**
 * Hosts, and a line between each two of them. A line that is cut loses what is sent
 * without a word, as one does whose cable was pulled somewhere in the middle.
 */
export class Network implements AsyncDisposable {
  readonly #prefix: string;
  readonly #hosts: Host[] = [];

  /** @param prefix What the names of its namespaces begin with; nobody else's. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Its hosts, in the order in which they were added. */
  get hosts(): readonly Host[] {
    return this.#hosts;
  }

  /**
   * Adds a host with a line to every other one.
   *
   * @param name What it is called.
   * @param address Its address; one that no other has if left out.
   * @throws {CommandError} If this machine cannot have it.
   */
  async add(
    name: string,
    address: string = `10.99.0.${this.#hosts.length + 1}`,
  ): Promise<Host> {
    const host = { name, address, namespace: `${this.#prefix}-${name}` };
    await command("ip", "netns", "add", host.namespace);
    const others = [...this.#hosts];
    this.#hosts.push(host);
    await inside(host, "ip", "link", "set", "lo", "up");
    if (address !== "127.0.0.1") {
      await inside(host, "ip", "addr", "add", `${address}/32`, "dev", "lo");
    }
    for (const other of others) await connect(host, other);
    return host;
  }

  /** Loses all that one host sends to the other. */
  async cutOneWay(from: Host, to: Host): Promise<void> {
    await inside(
      from,
      "ip",
      "neigh",
      "replace",
      to.address,
      "lladdr",
      NOBODY,
      "dev",
      lineTo(to),
      "nud",
      "permanent",
    );
  }

  /** Loses all that two hosts send to each other. */
  async cut(one: Host, other: Host): Promise<void> {
    await this.cutOneWay(one, other);
    await this.cutOneWay(other, one);
  }

  /** Makes a line whole, and lets what was sent on it through again. */
  async mend(one: Host, other: Host): Promise<void> {
    for (const [from, to] of [[one, other], [other, one]] as const) {
      // One way, or both: what was not cut needs no mending.
      await inside(from, "ip", "neigh", "del", to.address, "dev", lineTo(to))
        .catch(ignore);
    }
  }

  /**
   * Makes a line bad, in the words of `tc`: `["netem", "delay", "40ms"]`.
   *
   * @throws {CommandError} If this machine's kernel cannot do that.
   */
  async impair(one: Host, other: Host, how: Impairment): Promise<void> {
    for (const [from, to] of [[one, other], [other, one]] as const) {
      await inside(
        from,
        "tc",
        "qdisc",
        "replace",
        "dev",
        lineTo(to),
        "root",
        ...how,
      );
    }
  }

  /** Makes a bad line good. */
  async repair(one: Host, other: Host): Promise<void> {
    for (const [from, to] of [[one, other], [other, one]] as const) {
      await inside(from, "tc", "qdisc", "del", "dev", lineTo(to), "root")
        .catch(ignore);
    }
  }

  /** Takes all of it down, whatever still runs in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { namespace } of this.#hosts.splice(0)) {
      await takeDown(namespace);
    }
  }
}

/**
 * Takes down what networks of processes that are gone have left.
 *
 * @param kind What the prefixes of such networks begin with; then comes the process id.
 */
export async function sweep(kind: string): Promise<void> {
  const list = await command("ip", "netns", "list").catch(() => "");
  for (const [namespace, pid] of list.matchAll(namesLike(kind))) {
    if (isRunning(Number(pid))) continue;
    await takeDown(namespace);
  }
}

function namesLike(kind: string): RegExp {
  return new RegExp(`^${kind}(\\d+)-[\\w-]+`, "gm");
}

function isRunning(pid: number): boolean {
  try {
    return Deno.statSync(`/proc/${pid}`).isDirectory;
  } catch {
    // No such process.
    return false;
  }
}

async function takeDown(namespace: string): Promise<void> {
  for (const pid of await processesOf({ namespace })) killNow(pid);
  await command("ip", "netns", "del", namespace).catch(ignore);
}

/** Runs a command of the system on a host. */
export async function inside(
  { namespace }: Host,
  program: string,
  ...args: string[]
): Promise<string> {
  return await command("ip", "netns", "exec", namespace, program, ...args);
}

/** Says why this machine cannot have such a network; `undefined` if it can. */
export async function whyNoNetwork(
  prefix: string,
): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "that needs Linux";
  if (Deno.uid() !== 0) return "that needs root";
  try {
    await using network = new Network(prefix);
    await network.add("a");
    await network.add("b");
    return undefined;
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

async function connect(one: Host, other: Host): Promise<void> {
  await inside(
    one,
    "ip",
    "link",
    "add",
    lineTo(other),
    "type",
    "veth",
    "peer",
    "name",
    lineTo(one),
    "netns",
    other.namespace,
  );
  for (const [from, to] of [[one, other], [other, one]] as const) {
    await inside(from, "ip", "link", "set", lineTo(to), "up");
    await inside(
      from,
      "ip",
      "route",
      "add",
      `${to.address}/32`,
      "dev",
      lineTo(to),
      "src",
      from.address,
    );
  }
}

/** Name of a host's end of its line to another one. */
function lineTo({ name }: Host): string {
  return `to-${name}`;
}

/** Returns the process ids of all that runs on a host. */
export async function processesOf(
  { namespace }: Pick<Host, "namespace">,
): Promise<number[]> {
  const list = await command("ip", "netns", "pids", namespace).catch(() => "");
  return list.split("\n").filter((line) => line !== "").map(Number);
}

/** Ends a process at once. */
export function killNow(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

function ignore(error: unknown): void {
  if (!(error instanceof CommandError)) throw error;
}
