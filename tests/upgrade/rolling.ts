import { assertEquals } from "@std/assert";
import type { Counts } from "../chaos/return_client.ts";
import type { Told } from "../chaos/return_handler.ts";
import type { TestProcess } from "../_support/processes.ts";
import { MixedCluster, type Versions } from "./mixed_cluster.ts";
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

class Rolling {
  readonly #entrances = new Entrances();

  constructor(
    readonly cluster: MixedCluster,
    readonly second: Versions,
    readonly journal: string,
  ) {}

  async run(first: Versions): Promise<RollingResult> {
    const { cluster, second } = this;
    const register = await cluster.startRegister(first.register);
    const gateways = new Map<string, TestProcess>();
    for (let i = 0; i < GATEWAYS; i++) {
      const gateway = await cluster.startGateway(first.gateway);
      gateways.set(cluster.addresses.at(-1) ?? "", gateway);
    }
    const worker = await cluster.startWorker(first.worker);
    for (const address of cluster.addresses) this.#entrances.open(address);
    await using travellers = await Travellers.board(this.#entrances, cluster);

    await this.#unnoticed(travellers, async () => {
      assertEquals(await stopped(register), 0);
      await cluster.startRegister(second.register);
    });
    for (const [address, gateway] of gateways) {
      await this.#replace(travellers, address, gateway);
    }
    await this.#unnoticed(travellers, async () => {
      await cluster.startWorker(second.worker);
      assertEquals(await stopped(worker), 0);
    });
    const wrong = await travellers.arrive(() => this.#told());
    return { wrong, stays: travellers.stays, counts: travellers.counts };
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

  /** Replaces a gateway; its clients come back elsewhere, once, and no others do. */
  async #replace(
    travellers: Travellers,
    address: string,
    gateway: TestProcess,
  ): Promise<void> {
    const { cluster } = this;
    const before = travellers.stays;
    this.#entrances.close(address);
    cluster.addresses.splice(cluster.addresses.indexOf(address), 1);
    assertEquals(await stopped(gateway), 0);
    await travellers.leave(address);
    await travellers.travel();
    const times = ({ returns, fresh }: Stay) => returns + fresh;
    for (const [i, stay] of travellers.stays.entries()) {
      const was = before[i];
      if (was === undefined) continue;
      assertEquals(times(stay) - times(was), was.at === address ? 1 : 0);
    }
    await cluster.startGateway(this.second.gateway);
    this.#entrances.open(cluster.addresses.at(-1) ?? "");
  }

  async #told(): Promise<Told[]> {
    const text = await Deno.readTextFile(this.journal);
    return text.trimEnd().split("\n").map((line) => JSON.parse(line));
  }
}

async function stopped(process: TestProcess): Promise<number> {
  process.signal("SIGTERM");
  return await process.code();
}
