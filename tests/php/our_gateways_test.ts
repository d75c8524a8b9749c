import { assertEquals } from "@std/assert";
import { eventually } from "../_support/eventually.ts";
import {
  demoEvents,
  hasDemos,
  phpTest,
  startPhpRegister,
  startPhpWorker,
} from "../_support/php_peers.ts";
import type { TestClient } from "../_support/test_client.ts";
import { ask } from "./ask.ts";
import { OurStage } from "./our_stage.ts";

/** Has a worker of the original call its API, and returns what came of it. */
async function call(
  client: TestClient,
  name: string,
  ...args: readonly unknown[]
): Promise<unknown> {
  const answer = await ask(client, { call: name, args });
  return (answer as { result: unknown }).result;
}

phpTest(
  "a worker of the original serves the clients of our gateway",
  async () => {
    await using stage = await OurStage.start({}, "php key");
    await stage.phpWorker();
    const client = await stage.client("/?a=1&b[]=x&b[]=y");
    assertEquals(await ask(client, "hi"), "php:hi");
    assertEquals(await ask(client, "session?"), {
      from: "php",
      query: { a: "1", b: ["x", "y"] },
    });
    await ask(client, {
      session: { n: 1.5, big: 9007199254740993, list: [1] },
    });
    const session = await ask(client, "session?") as Record<string, unknown>;
    assertEquals(session["n"], 1.5);
    assertEquals(session["list"], [1]);
    await call(client, "bindUid", "$client", "tom");
    await call(client, "joinGroup", "$client", "room");
    await call(client, "joinGroup", "$client", 7);
    await eventually(
      "the uid is bound",
      async () => await call(client, "isUidOnline", "tom") === 1,
    );
    const ids = await call(client, "getClientIdByUid", "tom") as string[];
    assertEquals(ids.length, 1);
    const [id = ""] = ids;
    assertEquals(await call(client, "getUidByClientId", id), "tom");
    assertEquals(await call(client, "getClientIdListByGroup", "room"), {
      [id]: id,
    });
    assertEquals(await call(client, "getClientIdCountByGroup", 7), 1);
    assertEquals(await call(client, "getAllGroupIdList"), {
      room: "room",
      7: 7,
    });
    assertEquals(await call(client, "getAllUidList"), { tom: "tom" });
    assertEquals(await call(client, "isOnline", id), 1);
    assertEquals(await call(client, "getAllClientCount"), 1);
    assertEquals(
      Object.keys(await call(client, "getAllClientSessions") as object),
      [id],
    );
    client.send(
      JSON.stringify({ call: "sendToGroup", args: ["room", "to room"] }),
    );
    assertEquals(await client.hear(), "to room");
    await client.hear();
    client.send(JSON.stringify({ call: "closeClient", args: [id, "bye"] }));
    assertEquals(await client.hear(), "bye");
    await client.closed;
  },
);

for (
  const [what, secretKey, persistent] of [
    ["plain", "", false],
    ["with a key", "php key", false],
    ["persistent", "", true],
    ["persistent and with a key", "php key", true],
  ] as const
) {
  phpTest(
    `the original's GatewayClient calls our gateways: ${what}`,
    async () => {
      await using stage = await OurStage.start({}, secretKey);
      await stage.addGateway();
      await stage.phpWorker();
      const one = await stage.client();
      const other = await stage.client("/", stage.gateways[1]);
      await ask(one, "hi");
      await ask(other, "hi");
      const outside = stage.outside(persistent);
      assertEquals(await outside.call("getAllClientIdCount"), 2);
      const ids = Object.keys(
        await outside.call("getAllClientIdList") as object,
      );
      assertEquals(ids.length, 2);
      const [a = "", b = ""] = ids;
      await outside.call("bindUid", a, 7);
      await outside.call("bindUid", b, "ann");
      await outside.call("joinGroup", a, "room");
      await outside.call("joinGroup", b, "room");
      await eventually(
        "both have joined",
        async () => await outside.call("getClientCountByGroup", "room") === 2,
      );
      assertEquals(await outside.call("getUidByClientId", a), "7");
      assertEquals(await outside.call("isUidOnline", 7), 1);
      assertEquals(await outside.call("isUidsOnline", [7, "no"]), {
        7: 1,
        no: 0,
      });
      assertEquals(await outside.call("getUidCountByGroup", "room"), 2);
      await outside.call("sendToGroup", "room", "g");
      assertEquals([await one.hear(), await other.hear()], ["g", "g"]);
      await outside.call("sendToAll", "only a", [a]);
      await outside.call("sendToUid", "ann", "only b");
      const heard = [await one.hear(), await other.hear()].sort();
      assertEquals(heard, ["only a", "only b"]);
      await outside.call("setSession", a, { x: { y: 1 } });
      await outside.call("updateSession", a, { x: { z: [2] } });
      await eventually(
        "the session is merged",
        async () =>
          JSON.stringify(await outside.call("getSession", a)) ===
            '{"x":{"y":1,"z":[2]}}',
      );
      await outside.call("closeClient", b);
      await eventually(
        "b is closed",
        async () => await outside.call("isOnline", b) === 0,
      );
    },
  );
}

phpTest(
  "a client goes between workers of both kinds at our gateway",
  async () => {
    await using stage = await OurStage.start();
    const php = await stage.phpWorker();
    const client = await stage.client("/?room=1");
    await ask(client, { session: { n: 1, list: [1, 2.5] } });
    await call(client, "bindUid", "$client", "tom");
    const ours = await stage.worker((event) => {
      if (event.type !== "message") return undefined;
      const { client } = event;
      if (event.text() === "look") {
        const { from, n, list } = client.session;
        return JSON.stringify({ uid: client.uid, from, n, list });
      }
      client.session["ours"] = { is: "here" };
      return "changed";
    });
    await php.stop();
    assertEquals(await ask(client, "look"), {
      uid: "tom",
      from: "php",
      n: 1,
      list: [1, 2.5],
    });
    assertEquals(await ask(client, "change"), "changed");
    await stage.phpWorker({ name: "Second" });
    await ours.shutdown();
    assertEquals(await ask(client, "session?"), {
      from: "php",
      query: { room: "1" },
      n: 1,
      list: [1, 2.5],
      ours: { is: "here" },
    });
  },
);

phpTest(
  "a Register of the original and one of ours are used at once",
  async () => {
    const { node, address } = await startPhpRegister();
    await using _register = node;
    await using stage = await OurStage.start(
      { phpRegisters: [address] },
    );
    await using _worker = await startPhpWorker({
      register: address,
      name: "There",
    });
    await eventually("it is there", () => stage.gateway.workers === 1);
    await stage.worker((event) =>
      event.type === "message" ? `ours:${event.text()}` : undefined
    );
    const clients = [await stage.client(), await stage.client()];
    const answers = await Promise.all(clients.map((each) => ask(each, "hi")));
    assertEquals(answers.sort(), ["ours:hi", "php:hi"]);
  },
);

if (hasDemos()) {
  phpTest("the original's chat runs unchanged on our gateway", async () => {
    await using stage = await OurStage.start();
    await stage.phpWorker({ events: demoEvents("chat") });
    const tom = await stage.client();
    const login = (name: string) => ({
      type: "login",
      client_name: name,
      room_id: 1,
    });
    const own = await ask(tom, login("<tom>")) as Record<string, unknown>;
    assertEquals(own["client_name"], "&amp;lt;tom&amp;gt;");
    assertEquals(Object.values(own["client_list"] as object), ["&lt;tom&gt;"]);
    const ann = await stage.client();
    const hers = await ask(ann, login("ann")) as Record<string, unknown>;
    assertEquals(Object.keys(hers["client_list"] as object).length, 2);
    assertEquals(JSON.parse(String(await tom.hear())).type, "login");
    ann.send(JSON.stringify({
      type: "say",
      to_client_id: "all",
      content: "hello\nall",
    }));
    const said = JSON.parse(String(await tom.hear()));
    assertEquals([said.type, said.content], ["say", "hello<br />\nall"]);
    await ann.hear();
    ann.send(JSON.stringify({
      type: "say",
      to_client_id: own["client_id"],
      to_client_name: "tom",
      content: "psst",
    }));
    assertEquals(
      JSON.parse(String(await tom.hear())).content,
      "<b>对你说: </b>psst",
    );
    await ann.close();
    assertEquals(JSON.parse(String(await tom.hear())).type, "logout");
  });

  phpTest("the original's Todpole runs unchanged on our gateway", async () => {
    await using stage = await OurStage.start();
    await stage.phpWorker({ events: demoEvents("todpole") });
    const one = await stage.client();
    assertEquals(JSON.parse(String(await one.hear())).type, "welcome");
    const other = await stage.client();
    assertEquals(JSON.parse(String(await other.hear())).type, "welcome");
    one.send(JSON.stringify({
      type: "update",
      x: "1.0",
      y: "2.5",
      angle: "0.125",
      momentum: "1.000",
    }));
    const update = JSON.parse(String(await other.hear()));
    assertEquals([update.type, update.x, update.y], ["update", 1, 2.5]);
    await one.close();
    assertEquals(JSON.parse(String(await other.hear())).type, "closed");
  });
}
