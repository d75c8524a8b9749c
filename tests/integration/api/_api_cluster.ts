import { assertEquals, AssertionError } from "@std/assert";
import { type Cluster, defineHandler, type Gateway } from "../../../mod.ts";
import {
  type ClusterOptions,
  startCluster,
  type TestCluster,
} from "../../_support/cluster.ts";
import type { TestClient } from "../../_support/test_client.ts";

const MARK = "the end of what was sent";

/** A client, and the id that it has in the cluster. */
export interface KnownClient {
  /** The client. */
  readonly client: TestClient;
  /** Its client id. */
  readonly id: string;
}

/** One client after another, those of the first gateway first. */
type Clients = readonly [KnownClient, KnownClient, KnownClient, KnownClient];

/** Both workers, and a program from outside. */
type Callers = readonly [Cluster, Cluster, Cluster];

/** What the API is tried on: two gateways with two clients each, and all who may call. */
export class ApiCluster implements AsyncDisposable {
  /** The roles. */
  readonly roles: TestCluster;
  /** The clients, those of the first gateway first. */
  readonly clients: Clients;
  /** Both workers, and a program from outside. */
  readonly callers: Callers;

  constructor(
    roles: TestCluster,
    clients: Clients,
    callers: Callers,
  ) {
    this.roles = roles;
    this.clients = clients;
    this.callers = callers;
  }

  /** The clients' ids. */
  get ids(): [a: string, b: string, c: string, d: string] {
    const [a, b, c, d] = this.clients;
    return [a.id, b.id, c.id, d.id];
  }

  /** The first worker, for tests where it does not matter who calls. */
  get api(): Cluster {
    return this.roles.worker.cluster;
  }

  /** Who is bound or joined where, so that a test begins with a few lines. */
  async arrange(
    { uids = {}, groups = {} }: {
      readonly uids?: Readonly<Record<string, readonly string[]>>;
      readonly groups?: Readonly<Record<string, readonly string[]>>;
    },
  ): Promise<void> {
    for (const [uid, ids] of Object.entries(uids)) {
      for (const id of ids) await this.api.bindUid(id, uid);
    }
    for (const [group, ids] of Object.entries(groups)) {
      for (const id of ids) await this.api.joinGroup(id, group);
    }
  }

  /**
   * What each client heard until now, in order, joined by commas. Whatever this
   * caller sent before is in it.
   */
  async heard(caller: Cluster): Promise<string[]> {
    await caller.sendToAll(MARK);
    return await Promise.all(this.clients.map(({ client }) => heardBy(client)));
  }

  /** Ends all of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.roles[Symbol.asyncDispose]();
  }
}

async function heardBy(client: TestClient): Promise<string> {
  const heard: string[] = [];
  while (true) {
    const message = await client.hear();
    if (message === MARK) return heard.join();
    heard.push(
      typeof message === "string" ? message : `bytes ${message.join(" ")}`,
    );
  }
}

/** Starts two gateways, two workers and an outside program, and connects the clients. */
export async function startApiCluster(
  options: Partial<ClusterOptions> = {},
): Promise<ApiCluster> {
  const roles = await startCluster({
    gateways: 2,
    workers: 2,
    handler: defineHandler({ connect: ({ client }) => client.id }),
    ...options,
  });
  const [one, two] = roles.gateways;
  const clients = [
    await enter(roles, one),
    await enter(roles, one),
    await enter(roles, two),
    await enter(roles, two),
  ] as const;
  const [first, second] = roles.workers;
  if (!first || !second) throw new AssertionError("A worker is missing");
  const callers = [
    first.cluster,
    second.cluster,
    await roles.outside(),
  ] as const;
  return new ApiCluster(roles, clients, callers);
}

async function enter(
  roles: TestCluster,
  gateway: Gateway | undefined,
): Promise<KnownClient> {
  const client = await roles.connect(gateway);
  return { client, id: String(await client.hear()) };
}

/** The id of a client that never was, on the same gateway. */
export function gone(id: string): string {
  return `${id.slice(0, 12)}00000000`;
}

/** A client id of a gateway that never was. */
export const NOWHERE = "7f000001000000000001";

/** Compares lists whose order means nothing. */
export function assertSame(
  actual: readonly string[],
  expected: string[],
): void {
  assertEquals(actual.toSorted(), expected.toSorted());
}
