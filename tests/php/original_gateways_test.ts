import { assertEquals, assertRejects } from "@std/assert";
import { GatewayClient, type HandlerEvent } from "../../mod.ts";
import { eventually } from "../_support/eventually.ts";
import { phpTest } from "../_support/php_peers.ts";
import { Stage } from "./stage.ts";

phpTest(
  "a worker of ours serves the clients of original gateways",
  async () => {
    const events: string[] = [];
    await using stage = await Stage.start(2);
    await stage.worker(async (event, cluster) => {
      if (event.type === "start" || event.type === "stop") return;
      events.push(event.type);
      if (event.type === "connect") {
        const { query, headers } = event.request ?? {};
        event.client.session = { name: query?.get("name") ?? "none" };
        event.client.send(`hello ${headers?.get("host")?.split(":")[0]}`);
      } else if (event.type === "message") {
        const text = event.text();
        if (text === "all") await cluster.sendToAll("to all");
        else if (text === "bye") await event.client.close("closing");
        else return `${event.client.session["name"]}: ${text}`;
      }
      return undefined;
    });
    const one = await stage.client(0, "/?name=tom");
    const other = await stage.client(1, "/?name=ann");
    assertEquals(await one.hear(), "hello 127.0.0.1");
    assertEquals(await other.hear(), "hello 127.0.0.1");
    one.send("hi");
    assertEquals(await one.hear(), "tom: hi");
    other.send("grüß dich");
    assertEquals(await other.hear(), "ann: grüß dich");
    one.send("all");
    assertEquals(await one.hear(), "to all");
    assertEquals(await other.hear(), "to all");
    one.send("bye");
    assertEquals(await one.hear(), "closing");
    await one.closed;
    await eventually("the close event came", () => events.includes("close"));
    assertEquals(events.filter((type) => type === "connect").length, 2);
  },
);

phpTest(
  "the cluster API does at original gateways what it does at ours",
  async () => {
    await using stage = await Stage.start(2, "php key");
    const ids: string[] = [];
    await stage.worker((event: HandlerEvent) => {
      if (event.type === "connect") ids.push(event.client.id);
    });
    const cluster = await stage.outside();
    const one = await stage.client(0);
    const other = await stage.client(1);
    await eventually("both came", () => ids.length === 2);
    const [a = "", b = ""] = ids;
    assertEquals(await cluster.isOnline(a), true);
    assertEquals(await cluster.bindUid(a, "7"), true);
    assertEquals(await cluster.bindUid(b, "ann"), true);
    assertEquals(await cluster.joinGroup(a, "room"), true);
    assertEquals(await cluster.joinGroup(b, "room"), true);
    assertEquals(await cluster.joinGroup(b, "12"), true);
    assertEquals(await cluster.getUidByClientId(a), "7");
    assertEquals(await cluster.getClientIdByUid("7"), [a]);
    assertEquals({ ...await cluster.isUidsOnline(["7", "x"]) }, {
      "7": true,
      x: false,
    });
    assertEquals(await cluster.getClientIdCountByGroup("room"), 2);
    assertEquals(
      new Set(await cluster.getClientIdListByGroup(["room", "12"])),
      new Set(ids),
    );
    assertEquals(new Set(await cluster.getUidListByGroup("room")).size, 2);
    assertEquals(
      new Set(await cluster.getAllGroupIdList()),
      new Set(["room", "12"]),
    );
    assertEquals(await cluster.getGroupsByClientId(b), ["room", "12"]);
    assertEquals({ ...await cluster.getAllGroupClientIdCount() }, {
      room: 2,
      "12": 1,
    });
    assertEquals(await cluster.getAllClientIdCount(), 2);
    assertEquals(await cluster.getAllUidCount(), 2);
    assertEquals(
      await cluster.setSession(a, { x: 1, list: [1, 2], f: 0.5 }),
      true,
    );
    assertEquals(await cluster.getSession(a), { x: 1, list: [1, 2], f: 0.5 });
    assertEquals(await cluster.updateSession(a, { deep: { y: "z" } }), true);
    assertEquals(await cluster.updateSession(a, { list: [9] }), true);
    assertEquals(await cluster.getSession(a), {
      x: 1,
      list: [9],
      f: 0.5,
      deep: { y: "z" },
    });
    assertEquals(await cluster.getSession(b), {});
    assertEquals(Object.keys(await cluster.getAllClientSessions()).length, 2);
    assertEquals(await cluster.sendToUid("7", "u", { confirm: true }), 1);
    assertEquals(await one.hear(), "u");
    assertEquals(
      await cluster.sendToGroup(["room", "12"], "g", { confirm: true }),
      2,
    );
    assertEquals([await one.hear(), await other.hear()], ["g", "g"]);
    assertEquals(
      await cluster.sendToGroup("room", "not ann", {
        exclude: b,
        confirm: true,
      }),
      1,
    );
    assertEquals(await one.hear(), "not ann");
    assertEquals(
      await cluster.sendToAll("x", { clientIds: [b], confirm: true }),
      1,
    );
    assertEquals(await other.hear(), "x");
    assertEquals(
      await cluster.sendToAll("y", { exclude: [a], confirm: true }),
      1,
    );
    assertEquals(await other.hear(), "y");
    assertEquals(await cluster.ungroup("room"), 2);
    assertEquals(await cluster.unbindUid(b), true);
    assertEquals(await cluster.isUidOnline("ann"), false);
    await assertRejects(
      () => cluster.joinGroup(a, "0"),
      TypeError,
      "takes it for none",
    );
    assertEquals((await cluster.connections()).total, 2);
    assertEquals((await cluster.connectionsInGroup("12")).rows.length, 1);
    assertEquals((await cluster.connections(10, a)).rows.length, 1);
    assertEquals(await cluster.closeClient(b, "bye", { code: 4000 }), true);
    assertEquals(await other.hear(), "bye");
    await other.closed;
    assertEquals(await cluster.closeUid("7"), 1);
    await one.closed;
    assertEquals(await cluster.isOnline(a), false);
    assertEquals(await cluster.getSession(a), undefined);
  },
);

phpTest(
  "a gateway that is not named as an original is shown no key",
  async () => {
    await using stage = await Stage.start(1, "php key");
    await using cluster = await GatewayClient.connect({
      ...stage.options,
      phpGateways: [],
    });
    await assertRejects(() => cluster.getAllClientIdCount(), Error, "no link");
  },
);
