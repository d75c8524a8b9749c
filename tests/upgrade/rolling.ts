import { assertEquals } from "@std/assert";
import type { Counts } from "../chaos/return_client.ts";
import type { Told } from "../chaos/return_handler.ts";
import type { TestProcess } from "../_support/processes.ts";
import { MixedCluster, type Version, type Versions } from "./mixed_cluster.ts";
import { JOURNAL } from "./travel_handler.ts";
import { Entrances, type Stay, Travellers } from "./travellers.ts";

const HANDLER = new URL("./travel_handler.ts", import.meta.url).pathname;

/** How many gateways there are, so that clients have somewhere to go. */
const GATEWAYS = 2;

/** What came of replacing every node of a cluster. */
export interface RollingResult {
  /** What clients of the library claim and is not so; what was lost or repeated. */
  readonly wrong: readonly string[];
  /** How often each came back, and how, in the end. */
  readonly stays: readonly Stay[];
  /** How much was said, heard, answered. */
  readonly counts: Counts;
}

/**
 * Starts a cluster, and replaces Register, gateways and worker in turn by those of other
 * versions, while clients of the library say, ask and are told.
 *
 * @param first The versions that nodes have at first.
 * @param second Those that they have in the end.
 */
export async function roll(
  first: Versions,
  second: Versions,
): Promise<RollingResult> {
  const journal = await Deno.makeTempFile({ suffix: ".jsonl" });
  try {
    await using cluster = new MixedCluster({
      handler: HANDLER,
      env: { [JOURNAL]: journal },
      gateway: ["--resume"],
    });
    return await new Rolling(cluster, second, journal).run(first);
  } finally {
    await Deno.remove(journal);
  }
}

/** A gateway that runs. */
interface Entrance {
  readonly address: string;
  readonly version: Version;
  readonly process: TestProcess;
}

class Rolling {
  readonly #entrances = new Entrances();
  #gateways: readonly Entrance[] = [];

  constructor(
    readonly cluster: MixedCluster,
    readonly second: Versions,
    readonly journal: string,
  ) {}

  async run(first: Versions): Promise<RollingResult> {
    const { cluster, second } = this;
    const register = await cluster.startRegister(first.register);
    for (let i = 0; i < GATEWAYS; i++) await this.#addGateway(first.gateway);
    const worker = await cluster.startWorker(first.worker);
    await using travellers = await Travellers.board(this.#entrances, cluster);

    await this.#unnoticed(travellers, async () => {
      assertEquals(await stopped(register), 0);
      const next = await cluster.startRegister(second.register);
      // What it does not list yet, nobody is sent to.
      await next.errorLines(/Gateway \S+ joined/, GATEWAYS);
    });
    for (const gateway of this.#gateways) {
      await this.#replace(travellers, gateway);
    }
    await this.#unnoticed(travellers, async () => {
      await cluster.startWorker(second.worker);
      assertEquals(await stopped(worker), 0);
    });
    // Once more, now that all gateways are of one version.
    for (const gateway of this.#gateways.slice(0, 1)) {
      await this.#replace(travellers, gateway);
    }
    const wrong = await travellers.arrive(() => this.#told());
    return { wrong, stays: travellers.stays, counts: travellers.counts };
  }

  async #addGateway(version: Version): Promise<void> {
    const process = await this.cluster.startGateway(version);
    const address = this.cluster.addresses.at(-1) ?? "";
    this.#gateways = [...this.#gateways, { address, version, process }];
    this.#entrances.open(address);
  }

  /** Does something that no client may notice. */
  async #unnoticed(
    travellers: Travellers,
    change: () => Promise<void>,
  ): Promise<void> {
    const before = travellers.stays;
    await change();
    await travellers.travel();
    assertEquals(travellers.stays, before);
  }

  /**
   * Replaces a gateway; its clients come back elsewhere, once, and no others do: to the
   * session that they had, if all gateways know how to move it.
   */
  async #replace(
    travellers: Travellers,
    gateway: Entrance,
  ): Promise<void> {
    const { address, process } = gateway;
    const before = travellers.stays;
    const versions = new Set(this.#gateways.map(({ version }) => version));
    const known = await Promise.all([...versions].map(knowsClaims));
    const isResumed = known.every((knows) => knows);
    this.#entrances.close(address);
    this.cluster.forget(address);
    this.#gateways = this.#gateways.filter((one) => one !== gateway);
    assertEquals(await stopped(process), 0);
    await travellers.leave(address);
    await travellers.travel();
    const expected = before.map(({ at, returns, fresh }) => {
      const times = at === address ? 1 : 0;
      return isResumed
        ? { returns: returns + times, fresh }
        : { returns, fresh: fresh + times };
    });
    assertEquals(
      travellers.stays.map(({ returns, fresh }) => ({ returns, fresh })),
      expected,
    );
    await this.#addGateway(this.second.gateway);
  }

  async #told(): Promise<Told[]> {
    const text = await Deno.readTextFile(this.journal);
    return text.trimEnd().split("\n").map((line) => JSON.parse(line));
  }
}

/** Whether a version's gateways move sessions: its links have version 5 then. */
async function knowsClaims(version: Version): Promise<boolean> {
  const text = await Deno.readTextFile(`${version}/lib/link/link_version.ts`);
  return Number(/highest: (\d+)/.exec(text)?.[1]) >= 5;
}

async function stopped(process: TestProcess): Promise<number> {
  process.signal("SIGTERM");
  return await process.code();
}
