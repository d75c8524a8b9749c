import { assertEquals } from "@std/assert";
import { GatewayClient, type Handler } from "../../mod.ts";
import { eventually } from "../_support/eventually.ts";
import { LogLines } from "../_support/log_lines.ts";
import { phpTest, startPhpRegister } from "../_support/php_peers.ts";
import { ask } from "./ask.ts";
import { Stage } from "./stage.ts";

/** Says what it knows of the client, and changes the session as it is told. */
const curious: Handler = (event) => {
  if (event.type !== "message") return undefined;
  const { client } = event;
  if (event.text() === "change") {
    client.session = { ...client.session, ours: true };
    delete client.session["n"];
    return "changed";
  }
  return JSON.stringify({ uid: client.uid, session: client.session });
};

phpTest(
  "a client goes from a worker of the original to ours and back, with session and uid",
  async () => {
    await using stage = await Stage.start();
    const first = await stage.phpWorker("First");
    const client = await stage.client(0, "/?room=1");
    await ask(client, { session: { n: 1, list: [1, 2.5], deep: { a: null } } });
    await ask(client, { object: true });
    await ask(client, { call: "bindUid", args: ["$client", "tom"] });
    const ours = await stage.worker(curious);
    await first.stop();
    assertEquals(await ask(client, "look"), {
      uid: "tom",
      session: {
        from: "php",
        query: { room: "1" },
        n: 1,
        list: [1, 2.5],
        deep: { a: null },
      },
    });
    assertEquals(await ask(client, "change"), "changed");
    await stage.phpWorker("Second");
    await ours.shutdown();
    assertEquals(await ask(client, "session?"), {
      from: "php",
      query: { room: "1" },
      list: [1, 2.5],
      deep: { a: null },
      object: { a: 1 },
      ours: true,
    });
  },
);

phpTest(
  "workers of both kinds share the clients of a gateway of the original",
  async () => {
    await using stage = await Stage.start();
    await stage.phpWorker();
    await stage.worker((event) =>
      event.type === "message" ? `ours:${event.text()}` : undefined
    );
    const clients = await Promise.all(
      Array.from({ length: 6 }, () => stage.client()),
    );
    const answers = await Promise.all(clients.map((each) => ask(each, "hi")));
    assertEquals(answers.filter((it) => it === "ours:hi").length, 3);
    assertEquals(answers.filter((it) => it === "php:hi").length, 3);
  },
);

phpTest(
  "the clients of a gateway of the original that is killed are closed",
  async () => {
    await using stage = await Stage.start();
    const closed: string[] = [];
    await stage.worker((event) => {
      if (event.type === "close") closed.push(event.reason);
      return event.type === "message" ? event.text() : undefined;
    });
    const client = await stage.client();
    assertEquals(await ask(client, "hi"), "hi");
    await stage.gateways[0]?.node.kill();
    await eventually("the client is closed", () => closed.length === 1);
    assertEquals(closed, ["gateway lost"]);
  },
);

phpTest(
  "a key that differs from the original's is said to be the cause",
  async () => {
    await using stage = await Stage.start(1, "theirs");
    await using log = await LogLines.collect();
    const { register } = stage;
    await using _other = await GatewayClient.connect({
      ...stage.options,
      register,
      phpSecretKey: "ours",
      connectTimeout: 1_000,
    }).catch(() => null);
    await eventually(
      "it is said",
      () => log.lines.some((line) => line.includes("secret key")),
    );
  },
);

phpTest(
  "a Register of the original that stops takes nobody with it, and is joined again",
  async () => {
    await using stage = await Stage.start();
    const worker = await stage.worker(async (event, cluster) =>
      event.type === "message"
        ? String(await cluster.getAllClientIdCount())
        : undefined
    );
    const cluster = await stage.outside();
    const client = await stage.client();
    assertEquals(await ask(client, "how many?"), "1");
    await stage.registerNode?.stop();
    // It has told both of ever fewer gateways, the last time of none.
    assertEquals(await ask(client, "and now?"), "1");
    assertEquals(await cluster.getAllClientIdCount(), 1);
    assertEquals(worker.gateways, 1);
    const { node } = await startPhpRegister({ address: stage.register });
    await using _again = node;
    const another = await stage.worker((event) =>
      event.type === "message" ? event.text() : undefined
    );
    assertEquals(another.gateways, 1);
  },
);
