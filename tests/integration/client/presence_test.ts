/** Who is here, as clients of the library see it over real gateways and workers. @module */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { CallError, type Client, connect } from "../../../lib/client/mod.ts";
import {
  type Member,
  type Presence,
  watchPresence,
} from "../../../lib/client/presence/mod.ts";
import { defineHandler } from "../../../mod.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LinkProxy } from "../../_support/link_proxy.ts";

/** Sockets of clients that went elsewhere may take a while to be closed. */
const BARE = { sanitizeOps: false, sanitizeResources: false };

const GRACE = 300;

/** Cables that nobody uses any more. */
const CABLES: LinkProxy[] = [];

const handler = defineHandler({
  connect: async ({ client, request }) => {
    const name = request?.query.get("name");
    if (name) await client.bindUid(name);
    await client.joinGroup("room");
  },
  message: async (event) => {
    if (event.text() === "leave") await event.client.leaveGroup("room");
  },
  request: (event) => event.answer(event.data()),
});

async function start(
  clients: "none" | "see" | "set" = "set",
): Promise<TestCluster> {
  for (const cable of CABLES.splice(0)) cable[Symbol.dispose]();
  return await startCluster({
    handler,
    gateways: 2,
    workers: 2,
    gateway: { resume: {} },
    worker: { presence: { groups: ["room"], grace: GRACE, clients } },
  });
}

/** Somebody with a name, or none, who looks at the room. */
class Guest implements Disposable {
  readonly told: string[] = [];
  readonly cable: LinkProxy;
  readonly socket: Client;
  readonly room: Presence;

  constructor(cluster: TestCluster, name = "", gateway = 0) {
    this.cable = new LinkProxy(() => {
      const { port } = cluster.gateways[this.gateway]?.addr ?? { port: 1 };
      return `127.0.0.1:${port}`;
    }, true);
    this.gateway = gateway;
    this.socket = connect(`ws://${this.cable.address}/?name=${name}`);
    const say = (sign: string) => ({ uid }: Member) =>
      void this.told.push(`${sign}${uid}`);
    this.room = watchPresence(this.socket, "room", {
      onList: () => this.told.push("list"),
      onJoin: say("+"),
      onLeave: say("-"),
      onChange: say("~"),
      onRefused: (code) => this.told.push(code),
    });
  }

  /** Which one it connects to. */
  gateway: number;

  /** Who is in its list. */
  get uids(): string {
    return [...this.room.members.keys()].sort().join(" ");
  }

  /** Waits until it sees these, and no others, as of now. */
  async sees(uids: string): Promise<void> {
    await eventually(
      `"${uids}" are seen`,
      () => this.room.isCurrent && this.uids === uids,
    );
  }

  /** Says goodbye; its cable stays until that has arrived. */
  [Symbol.dispose](): void {
    this.room.close();
    this.socket.close();
    CABLES.push(this.cable);
  }
}

Deno.test(
  "clients see who is in their group, at whatever gateway, each join and leave once",
  BARE,
  async () => {
    await using cluster = await start();
    using ann = new Guest(cluster, "ann", 0);
    using nobody = new Guest(cluster, "", 1);
    await ann.sees("ann");
    await nobody.sees("ann");
    ann.told.length = nobody.told.length = 0;

    {
      using bob = new Guest(cluster, "bob", 1);
      using _twin = new Guest(cluster, "bob", 0);
      await bob.sees("ann bob");
      await eventually(
        "both tabs are counted",
        () => ann.room.members.get("bob")?.tabs === 2,
      );
      assertEquals(ann.room.counts, { users: 2, tabs: 3, guests: 1 });
    }
    for (const guest of [ann, nobody]) {
      await guest.sees("ann");
      assertEquals(guest.told.filter((each) => !each.startsWith("~")), [
        "+bob",
        "-bob",
      ]);
    }
  },
);

Deno.test(
  "what a client says of its user all see, and it is forgotten with its leave",
  BARE,
  async () => {
    await using cluster = await start();
    using ann = new Guest(cluster, "ann");
    await ann.sees("ann");
    const bob = new Guest(cluster, "bob", 1);
    await bob.sees("ann bob");

    await bob.room.setState({ typing: true });
    await eventually(
      "it is seen",
      () => ann.room.members.get("bob")?.state?.["typing"] === true,
    );
    bob[Symbol.dispose]();
    await ann.sees("ann");
    using again = new Guest(cluster, "bob", 1);
    await again.sees("ann bob");
    await ann.sees("ann bob");

    assertEquals(ann.room.members.get("bob")?.state, undefined);
  },
);

Deno.test(
  "a client that comes back at another gateway is told what changed meanwhile, and nothing twice",
  BARE,
  async () => {
    await using cluster = await start();
    using ann = new Guest(cluster, "ann", 0);
    const bob = new Guest(cluster, "bob", 1);
    await ann.sees("ann bob");
    ann.told.length = 0;

    ann.cable.freeze();
    bob[Symbol.dispose]();
    using eve = new Guest(cluster, "eve", 1);
    await eventually(
      "she sees that he is gone",
      () => !eve.uids.includes("bob"),
    );
    assertEquals([ann.uids, ann.told], ["ann bob", []]);
    ann.gateway = 1;
    ann.cable.thaw();
    ann.cable.cut();
    await ann.sees("ann eve");

    assertEquals(
      ann.told.filter((each) => !each.startsWith("~")).sort(),
      ["+eve", "-bob"],
    );
  },
);

Deno.test(
  "whoever leaves the group is told that it is over, and sees nobody",
  BARE,
  async () => {
    await using cluster = await start();
    using ann = new Guest(cluster, "ann");
    using bob = new Guest(cluster, "bob", 1);
    await ann.sees("ann bob");
    await bob.sees("ann bob");
    ann.told.length = 0;

    await ann.socket.send("leave");
    await eventually("it is over", () => ann.told.includes("over"));

    assertEquals(ann.told.toSorted(), ["-ann", "-bob", "over"]);
    assertEquals(ann.uids, "");
    await bob.sees("bob");
  },
);

Deno.test(
  "clients see nothing where they may not, and cannot say anything where they may only see",
  BARE,
  async () => {
    {
      await using cluster = await start("see");
      using ann = new Guest(cluster, "ann");
      await ann.sees("ann");
      const error = await assertRejects(
        () => ann.room.setState({ typing: true }),
        CallError,
      );
      assertEquals(error.code, "refused");
    }
    await using cluster = await start("none");
    using ann = new Guest(cluster, "ann");
    await eventually("it is open", () => ann.socket.state === "open");
    // It goes to the handler, as anything else does: this one answers with the question.
    assertEquals(
      await ann.socket.request("gw.presence", { group: "room" }),
      { group: "room" },
    );
    assert(!ann.told.includes("+ann"));
  },
);
