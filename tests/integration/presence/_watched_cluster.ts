import {
  type Cluster,
  defineHandler,
  type Gateway,
  type JoinEvent,
  type LeaveEvent,
  type WorkerPresenceOptions,
} from "../../../mod.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { TestClient } from "../../_support/test_client.ts";

/** What a handler was told, short: `+ann`, `-ann`, with `*` if marked as a repeat. */
export class Told {
  readonly #events: (JoinEvent | LeaveEvent)[] = [];

  /** Notes an event. */
  add(event: JoinEvent | LeaveEvent): void {
    this.#events.push(event);
  }

  /** All of a group. */
  of(group: string): string[] {
    return this.#events.filter((event) => event.group === group).map(short);
  }

  /** All of a uid itself. */
  ofUid(uid: string): string[] {
    return this.#events.filter((event) =>
      event.group === undefined && event.uid === uid
    ).map(short);
  }

  /** The events themselves. */
  get events(): readonly (JoinEvent | LeaveEvent)[] {
    return this.#events;
  }
}

function short({ type, uid, redelivered }: JoinEvent | LeaveEvent): string {
  return `${type === "join" ? "+" : "-"}${uid}${redelivered ? "*" : ""}`;
}

/** A cluster whose workers watch groups and uids, and note what they are told. */
export class WatchedCluster implements AsyncDisposable {
  /** The roles. */
  readonly roles: TestCluster;
  /** What all workers were told. */
  readonly told: Told;

  constructor(roles: TestCluster, told: Told) {
    this.roles = roles;
    this.told = told;
  }

  /** The cluster API of the first worker. */
  get cluster(): Cluster {
    return this.roles.worker.cluster;
  }

  /** A tab of a user comes to a gateway, and joins groups. */
  async enter(
    uid: string,
    groups: readonly string[],
    gateway: Gateway = this.roles.gateway,
  ): Promise<TestClient> {
    const query = new URLSearchParams({ uid });
    for (const group of groups) query.append("group", group);
    const client = await TestClient.connect(
      `ws://127.0.0.1:${gateway.addr.port}/?${query}`,
    );
    await client.hear();
    return client;
  }

  /** Waits until the users of a group are these, as `ann`, or `ann?` if away. */
  async here(group: string, users: readonly string[]): Promise<void> {
    let found = "";
    await eventually(`${group} has ${users}`, async () => {
      const { members } = await this.cluster.presence(group);
      found = members.map(({ uid, away }) => away ? `${uid}?` : uid).join();
      return found === users.join();
    }).catch((error) => {
      throw new Error(`${group} had ${found}, not ${users}`, { cause: error });
    });
  }

  /** Waits until handlers were told just so much of a group. */
  async heard(group: string, events: readonly string[]): Promise<void> {
    const wanted = events.join();
    await eventually(
      `of ${group} was told ${wanted}`,
      () => this.told.of(group).join() === wanted,
    ).catch((error) => {
      throw new Error(`told ${this.told.of(group)}, not ${wanted}`, {
        cause: error,
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.roles[Symbol.asyncDispose]();
  }
}

/** Starts it: who connects says in its URL who it is, and which groups it joins. */
export async function startWatchedCluster(
  options: {
    readonly gateways?: number;
    readonly workers?: number;
    readonly presence?: WorkerPresenceOptions;
  } = {},
): Promise<WatchedCluster> {
  const told = new Told();
  const { gateways = 2, workers = 2, presence } = options;
  const roles = await startCluster({
    gateways,
    workers,
    gateway: { resume: {} },
    worker: {
      presence: presence ?? { groups: ["room*"], uids: ["*"], grace: 100 },
    },
    handler: defineHandler({
      async connect({ client, request }) {
        const uid = request?.query.get("uid") ?? "";
        if (uid !== "") await client.bindUid(uid);
        for (const group of request?.query.getAll("group") ?? []) {
          await client.joinGroup(group);
        }
        return "in";
      },
      async message(event) {
        const [verb, ...words] = event.text().split(" ");
        const { client } = event;
        if (verb === "leave") await client.leaveGroup(words.join(" "));
        if (verb === "say") await client.setPresence({ text: words.join(" ") });
        return "done";
      },
      join: (event) => told.add(event),
      leave: (event) => told.add(event),
    }),
  });
  return new WatchedCluster(roles, told);
}
