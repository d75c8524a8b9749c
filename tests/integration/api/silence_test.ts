import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { encodeBody } from "../../../lib/wire/body.ts";
import { Command } from "../../../lib/wire/command.ts";
import { Flag } from "../../../lib/wire/frame.ts";
import {
  type Cluster,
  defineHandler,
  GatewayClient,
  LinkClosedError,
  PartialResultError,
  QueryTimeoutError,
} from "../../../mod.ts";
import { TestClient } from "../../_support/test_client.ts";
import { TestProcess } from "../../_support/processes.ts";
import { NOWHERE, startApiCluster } from "./_api_cluster.ts";
import { MuteGateway } from "./_mute_gateway.ts";
import { atBest } from "../../_support/at_best.ts";

/** Short, so that a test of silence is short; long enough for those who answer. */
const QUERY_TIMEOUT = 300;

/** A caller to whom one of three gateways is silent. */
async function startSilence() {
  const stack = new AsyncDisposableStack();
  const api = stack.use(await startApiCluster());
  const mute = stack.use(new MuteGateway());
  const caller = stack.use(
    await GatewayClient.connect({
      register: api.roles.registers,
      queryTimeout: QUERY_TIMEOUT,
    }),
  );
  await mute.announce(api.roles.register);
  const isLinked = async () =>
    await caller.getAllClientIdCount({ partial: true }) === 4 &&
    mute.commands.length > 0;
  while (!await isLinked());
  return {
    api,
    mute,
    caller,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("a query rejects with what the others said and names the silent gateway, or returns that", async () => {
  await using silence = await startSilence();
  const { api, mute, caller } = silence;
  const [a, , c] = api.ids;
  await api.arrange({ uids: { tom: [a, c] }, groups: { lobby: [c] } });

  const queries: [Promise<unknown>, unknown][] = [
    [caller.getAllClientIdCount(), 4],
    [caller.getAllUidList(), ["tom"]],
    [caller.getClientIdListByGroup("lobby"), [c]],
    [caller.getClientSessionsByGroup("lobby"), { [c]: {} }],
    [caller.isUidOnline("eve"), false],
    [caller.batchGetClientIdCountByGroup(["lobby", "x"]), { lobby: 1, x: 0 }],
    [caller.sendToAll("hi", { confirm: true }), 4],
    [caller.ungroup("nobody"), 0],
  ];

  for (const [query, partial] of queries) {
    const error = await assertRejects(() => query, PartialResultError);
    assertEquals(error.partial, partial);
    assertEquals(error.gateways, [mute.address]);
    assertInstanceOf(error.cause, QueryTimeoutError);
  }
  assertEquals(await caller.getAllUidList({ partial: true }), ["tom"]);
});

Deno.test("a query of one client does not wait for another one's gateway", async () => {
  await using silence = await startSilence();
  const { api, mute, caller } = silence;
  const [a] = api.ids;

  assertEquals(await caller.isOnline(a), true);
  assertEquals(await caller.sendToClients([a], "x", { confirm: true }), 1);
  await assertRejects(
    () => caller.isOnline(`${mute.gatewayId}00000001`),
    QueryTimeoutError,
    mute.address,
  );
});

Deno.test("what a gateway said before it fell silent counts", async () => {
  await using silence = await startSilence();
  const { mute, caller } = silence;
  const rows = { ids: [7], uids: [], groups: [], sessions: [] };
  mute.answer = (link, { command, number }) => {
    if (command !== Command.SelectClients) return;
    link.send(Command.Reply, 0, number, encodeBody(rows), Flag.More);
  };

  const error = await assertRejects(
    () => caller.getAllClientIdList(),
    PartialResultError,
  );

  assertEquals((error.partial as string[]).length, 5);
  assert((error.partial as string[]).includes(`${mute.gatewayId}00000007`));
});

Deno.test("an answer that is none closes the link, and rejects", async () => {
  await using silence = await startSilence();
  const { mute, caller } = silence;
  mute.answer = (link, { command, number }) => {
    if (command !== Command.SelectNames) return;
    link.send(Command.Reply, 0, number, encodeBody({ names: [1] }));
  };

  const error = await assertRejects(
    () => caller.getAllUidList(),
    PartialResultError,
  );

  assertInstanceOf(error.cause, LinkClosedError);
});

Deno.test("a gateway that is listed and cannot be linked to counts as silent, without any wait", async () => {
  await using silence = await startSilence();
  const { mute, caller, api } = silence;
  await mute.die();
  const query = () =>
    assertRejects(() => caller.getAllClientIdCount(), PartialResultError);
  while (!((await query()).cause instanceof LinkClosedError));

  const time = await atBest(QUERY_TIMEOUT, async () => {
    const queries = Array.from({ length: 20 }, query);
    for (const error of await Promise.all(queries)) {
      assertEquals(error.gateways, [mute.address]);
      assertEquals(error.partial, 4);
    }
  });
  assert(time < QUERY_TIMEOUT, "it waited");
  await assertRejects(
    () => caller.isOnline(`${mute.gatewayId}00000001`),
    LinkClosedError,
    `Cannot query gateway "${mute.address}": there is no link to it now`,
  );
  assertEquals(await caller.isOnline(NOWHERE), false);

  mute.leave();
  await until(() => caller.getAllClientIdCount(), 4);
  assertEquals(await caller.isOnline(`${mute.gatewayId}00000001`), false);
  assertEquals(await caller.isOnline(api.ids[0]), true);
});

Deno.test("a gateway that refuses links counts as gone while no Register can be asked", async () => {
  await using silence = await startSilence();
  const { mute, caller, api } = silence;

  await api.roles.register.shutdown();
  await mute.die();

  await until(() => caller.getAllClientIdCount(), 4);
});

Deno.test("a gateway that is killed under queries ends each with a result or an error that names it", async () => {
  await using api = await startApiCluster();
  const [register = ""] = api.roles.registers;
  const script = import.meta.resolve("./_gateway_process.ts");
  await using process = new TestProcess(
    ["deno", "run", "-A", script, register, "ws://127.0.0.1:0"],
  );
  const [, address = "", port] = (await process.line(/^ready/)).split(" ");
  await using victim = await TestClient.connect(`ws://127.0.0.1:${port}`);
  const [caller] = api.callers;
  await until(() => caller.getAllClientIdCount({ partial: true }), 5);

  const queries = Array.from({ length: 200 }, (_, index) => {
    if (index === 100) process.signal("SIGKILL");
    return index % 2 === 0
      ? caller.getAllClientIdCount()
      : caller.getAllClientIdList().then(({ length }) => length);
  });

  for (const result of await Promise.allSettled(queries)) {
    if (result.status === "fulfilled") assertEquals(result.value, 5);
    else {
      assertInstanceOf(result.reason, PartialResultError);
      assertEquals(result.reason.gateways, [address]);
    }
  }
  await until(() => caller.getAllClientIdCount({ partial: true }), 4);
  await until(() => caller.getAllClientIdCount(), 4);
  await victim.closed;
});

Deno.test("before any Register has told of gateways, queries reject and sends go nowhere", async () => {
  const seen: unknown[] = [];
  const ask = async (cluster: Cluster) => {
    seen.push(await cluster.sendToAll("nobody hears"));
    await assertRejects(
      () => cluster.getAllClientIdCount(),
      LinkClosedError,
      "no Register at 127.0.0.1:",
    );
    await assertRejects(() => cluster.isOnline(NOWHERE), LinkClosedError);
    seen.push("rejected");
  };
  await using _api = await startApiCluster({
    workers: 2,
    handler: defineHandler({
      start: (_event, cluster) => ask(cluster),
      connect: ({ client }) => client.id,
    }),
  });

  assertEquals(seen, [undefined, "rejected", undefined, "rejected"]);
});

Deno.test("GatewayClient.connect() rejects when no Register answers in time", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const register = `127.0.0.1:${silent.addr.port}`;

  await assertRejects(
    () => GatewayClient.connect({ register, connectTimeout: 50 }),
    LinkClosedError,
    `Cannot join the cluster: no answer from Register ${register} within 50 ms`,
  );
});

Deno.test("GatewayClient writes everything before it leaves, and is of no use afterwards", async () => {
  await using api = await startApiCluster();
  const [{ client, id }] = api.clients;
  const count = 5_000;
  const caller = await GatewayClient.connect({ register: api.roles.registers });

  for (let each = 0; each < count; each++) {
    void caller.sendToClient(id, `${each} ${"x".repeat(100)}`);
  }
  await caller[Symbol.asyncDispose]();

  const heard = await client.hearAll(count);
  assertEquals(String(heard.at(-1)).split(" ")[0], String(count - 1));
  for (
    const use of [
      () => void caller.sendToAll("x"),
      () => void caller.sendToClient(id, "x"),
      () => void caller.isOnline(id),
      () => void caller.getAllUidList(),
    ]
  ) {
    assertThrows(use, LinkClosedError, "shut down");
  }
});

Deno.test("a call that nobody awaits rejects nobody", async () => {
  await using silence = await startSilence();
  const { api, mute, caller } = silence;
  const [a] = api.ids;

  void caller.getAllClientIdCount();
  void caller.isOnline(`${mute.gatewayId}00000001`);
  void caller.bindUid(a, "tom", { exclusive: true });
  void caller.sendToAll("x", { confirm: true });
  void caller.closeUid("nobody");
  await mute.die();

  await assertRejects(() => caller.getAllUidList(), PartialResultError);
});

/** Asks until the answer is the one that is meant; errors are others. */
async function until(
  ask: () => Promise<unknown>,
  meant: unknown,
): Promise<void> {
  for (let attempts = 0;; attempts++) {
    const answer = await ask().catch((error) => error);
    if (answer === meant) return;
    assert(attempts < 2_000, `It is still ${answer}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
