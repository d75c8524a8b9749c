/**
 * Names and texts that begin with U+FEFF, which decoders like to take for a mark of
 * the byte order: they are names of their own, through every call.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { accept, type HandlerEvent } from "../../../mod.ts";
import { AdminServer } from "../../../lib/admin/mod.ts";
import { COMMANDS } from "../../../lib/cli/commands/commands.ts";
import { runProgram } from "../../../lib/cli/run/program.ts";
import { startCluster } from "../../_support/cluster.ts";
import { Inbox } from "../../_support/inbox.ts";
import {
  type ApiCluster,
  assertSame,
  startApiCluster,
} from "./_api_cluster.ts";

const MARK = "\ufeff";

/** Short and long names take different ways through the decoder of CBOR. */
const NAMES = ["ann", "a".repeat(200)];

for (const plain of NAMES) {
  const marked = MARK + plain;
  const kind = `a name of ${marked.length} characters`;

  Deno.test(`uid calls keep U+FEFF at the beginning of ${kind}`, async () => {
    await using api = await startApiCluster();
    const [a, b] = api.ids;
    await api.arrange({ uids: { [plain]: [a], [marked]: [b] } });

    for (const caller of api.callers) {
      assertEquals(await caller.getClientIdByUid(plain), [a]);
      assertEquals(await caller.getClientIdByUid(marked), [b]);
      assertEquals(await caller.getUidByClientId(b), marked);
      assertEquals(await caller.isUidOnline(marked), true);
      assertEquals(await caller.isUidsOnline([marked]), { [marked]: true });
      assertEquals(await caller.batchGetClientIdByUid([plain, marked]), {
        [plain]: [a],
        [marked]: [b],
      });
      assertSame(await caller.getAllUidList(), [plain, marked]);
    }
    const [caller] = api.callers;
    await caller.sendToUid(plain, "plain");
    await caller.sendToUid(marked, "marked");
    assertEquals(await api.heard(caller), ["plain", "marked", "", ""]);

    assertEquals(await caller.closeUid(marked), 1);
    assertEquals((await api.clients[1].client.closed).code, 1000);
    assertEquals(await caller.isUidOnline(plain), true);
  });

  Deno.test(`group calls keep U+FEFF at the beginning of ${kind}`, async () => {
    await using api = await startApiCluster();
    const [a, b, c] = api.ids;
    await api.arrange({
      uids: { [marked]: [b] },
      groups: { [plain]: [a], [marked]: [b, c] },
    });

    for (const caller of api.callers) {
      assertEquals(await caller.getClientIdCountByGroup(plain), 1);
      assertEquals(await caller.getClientIdCountByGroup(marked), 2);
      assertEquals(await caller.getGroupsByClientId(c), [marked]);
      assertSame(await caller.getClientIdListByGroup(marked), [b, c]);
      assertEquals(await caller.getUidListByGroup(marked), [marked]);
      assertSame(await caller.getAllGroupIdList(), [plain, marked]);
      assertEquals((await caller.getAllGroupUidList())[marked], [marked]);
      assertEquals(await caller.batchGetClientIdCountByGroup([marked]), {
        [marked]: 2,
      });
    }
    const [caller] = api.callers;
    await caller.sendToGroup(plain, "plain");
    await caller.sendToGroup(marked, "marked");
    assertEquals(await api.heard(caller), ["plain", "marked", "marked", ""]);
    await caller.leaveGroup(a, marked);
    assertEquals(await caller.getClientIdCountByGroup(plain), 1);
    assertEquals(await caller.ungroup(marked), 2);
    assertEquals(await caller.getClientIdCountByGroup(plain), 1);
  });

  Deno.test(`HTTP API and command line keep U+FEFF at the beginning of ${kind}`, async () => {
    await using api = await startApiCluster();
    const [a, b] = api.ids;
    const names = { [plain]: [a], [marked]: [b] };
    await api.arrange({ uids: names, groups: names });

    const message = `${MARK}by HTTP`;
    assertEquals(await post(api, { to: "uid", id: marked, message }), 1);
    assertEquals(await run(api, "send", "uid", marked, `${MARK}typed`), "");
    assertEquals(await run(api, "query", "clients", marked), `${b}\n`);
    assertEquals(
      await run(api, "query", "uids", "--json"),
      `${JSON.stringify({ uids: [plain, marked].sort() })}\n`,
    );
    assertEquals(await api.heard(api.api), [
      "",
      `${MARK}by HTTP,${MARK}typed`,
      "",
      "",
    ]);
  });
}

Deno.test("sessions keep U+FEFF at the beginning of keys and values", async () => {
  await using api = await startApiCluster();
  const [a] = api.ids;
  const session = {
    [MARK + "k"]: MARK + "v",
    k: "other",
    [MARK + "k".repeat(99)]: [MARK + "v".repeat(99)],
  };
  for (const caller of api.callers) {
    await caller.setSession(a, session);
    assertEquals<unknown>(await caller.getSession(a), session);
    await caller.updateSession(a, { [MARK + "k"]: MARK + "w" });
    const { [MARK + "k"]: changed, k } = await caller.getSession(a) ?? {};
    assertEquals([changed, k], [MARK + "w", "other"]);
  }
});

Deno.test("what authorize() grants keeps U+FEFF at its beginning", async () => {
  const uid = MARK + "u".repeat(99);
  const groups = [MARK + "g", MARK + "g".repeat(99)];
  const session = { [MARK + "s".repeat(99)]: MARK + "s".repeat(99) };
  const seen = new Inbox<unknown>();
  await using cluster = await startCluster({
    handler: (event) => {
      if (event.type === "connect") {
        seen.push([event.client.uid, { ...event.client.session }]);
      }
    },
    gateway: { authorize: () => accept({ uid, groups, session }) },
  });
  await using _client = await cluster.connect();

  assertEquals(await seen.next(), [uid, session]);
  const { cluster: api } = cluster.worker;
  assertSame(await api.getAllGroupIdList(), groups);
});

Deno.test("messages and reasons keep U+FEFF at their beginning, both ways", async () => {
  const events = new Inbox<HandlerEvent>();
  await using cluster = await startCluster({
    handler: (event, cluster) => {
      if (event.type === "start") return;
      events.push(event);
      if (event.type !== "message") return;
      void cluster.sendToAll(event.text());
      return event.text();
    },
  });
  const { port } = cluster.gateway.addr;
  for (const rest of ["", "x", "x".repeat(110), "x".repeat(100_000)]) {
    const text = MARK + rest;
    const client = await cluster.connect();
    assertEquals((await events.next()).type, "connect");
    client.send(text);
    const message = await events.next();
    assertEquals(message.type === "message" && message.text(), text);
    assertEquals(
      message.type === "message" && message.bytes().length,
      rest.length + 3,
    );
    const heard = await client.hearAll(2);
    assertEquals(heard.map((each) => each.length), [text.length, text.length]);
    await client.close();
    await events.next();

    if (rest.length > 110) continue;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    await new Promise((resolve) => socket.onopen = resolve);
    socket.close(3000, text);
    assertEquals((await events.next()).type, "connect");
    const close = await events.next();
    assertEquals(close.type === "close" && close.reason, text);
  }
});

async function post(api: ApiCluster, order: unknown): Promise<number> {
  const token = "a-token-of-the-test";
  await using server = await AdminServer.start({
    cluster: api.callers[2],
    listen: "127.0.0.1:0",
    token,
  });
  const { port } = server.addr;
  const response = await fetch(`http://127.0.0.1:${port}/api/send`, {
    method: "POST",
    headers: {
      "authorization": `Bearer ${token}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(order),
  });
  return (await response.json()).reached;
}

async function run(api: ApiCluster, ...args: string[]): Promise<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let out = "";
  const writer = {
    writeSync: (bytes: Uint8Array) => {
      out += decoder.decode(bytes);
      return bytes.length;
    },
  };
  const register = `--register=${api.roles.registers.join(",")}`;
  await runProgram([...args, register], COMMANDS, {
    stdout: writer,
    stderr: writer,
    env: () => undefined,
    envNames: () => [],
  });
  return out;
}
