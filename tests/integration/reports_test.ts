/** What roles tell the Register of themselves, and who is told of it. @module */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { askRegister } from "../../lib/roster/register_status.ts";
import { Trust } from "../../lib/peer/trust.ts";
import { LinkClosedError } from "../../lib/base/errors.ts";
import type { ClusterReport } from "../../lib/observe/report.ts";
import { Register } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { LinePeer } from "../_support/line_peer.ts";
import { LogLines } from "../_support/log_lines.ts";
import { TestRegisterClient } from "../_support/test_register_client.ts";

const LISTEN = "127.0.0.1:0";

/** Asks until the answer is as it should be: reports come once a second. */
async function reportWhen(
  register: Register,
  isSo: (report: ClusterReport) => boolean,
): Promise<ClusterReport> {
  const address = register.status().address;
  for (let tries = 0; tries < 50; tries++) {
    const report = await askRegister({ register: address, trust: Trust.NONE });
    if (isSo(report)) return report;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new RangeError("The report never was as it should be");
}

Deno.test("a Register tells how gateways and workers are, with their links to each other", async () => {
  await using cluster = await startCluster({
    handler: (event) => event.type === "message" ? "hello" : undefined,
    workers: 2,
  });
  const client = await cluster.connect();
  client.send("hello");
  await client.hear();

  const report = await reportWhen(
    cluster.register,
    ({ gateways, workers }) =>
      gateways[0]?.ledger?.["accepted"] === 2 &&
      workers.every(({ state }) => state === "ready"),
  );

  const [gateway] = report.gateways;
  assertEquals(gateway?.address, cluster.gateway.lanAddress);
  assertEquals([gateway?.clients, gateway?.state], [1, "ready"]);
  assertEquals(
    gateway?.links?.map(({ id }) => id).toSorted(),
    report.workers.map(({ id }) => id).toSorted(),
  );
  assertEquals(
    report.workers.map(({ links }) => links?.[0]?.id),
    [gateway?.id, gateway?.id],
  );
  assertEquals(
    report.registers.map(({ address }) => address),
    cluster.registers,
  );
  assert(report.workers.some(({ latency }) => (latency?.p99 ?? 0) > 0));
});

Deno.test("a Register says nothing new to a node of the original, and lists it all the same", async () => {
  await using register = await Register.start({ listen: LISTEN });
  using gateway = await LinePeer.dial(register.addr);
  using worker = await LinePeer.dial(register.addr);

  await worker.say('{"event":"worker_connect","secret_key":""}');
  await worker.hearAddresses();
  await gateway.announce("127.0.0.1:2000");
  await worker.hearAddresses("127.0.0.1:2000");
  const { gateways, workers } = await reportWhen(register, () => true);

  assertEquals(
    gateways.map(({ address, state }) => [address, state]),
    [["127.0.0.1:2000", undefined]],
  );
  assertEquals(workers.length, 1);
});

Deno.test("a Register welcomes a node that names its instance, and takes its reports but not its name for itself", async () => {
  await using register = await Register.start({ listen: LISTEN });
  using worker = await LinePeer.dial(register.addr);

  await worker.say(
    '{"event":"worker_connect","secret_key":"","instance":"i","name":"W"}',
  );
  assertStringIncludes(await worker.hear() ?? "", '{"event":"welcome"');
  await worker.hearAddresses();
  await worker.say('{"event":"report","report":{"id":"x","clients":7}}');

  const { workers } = await reportWhen(
    register,
    ({ workers }) => workers[0]?.clients === 7,
  );
  assertEquals(workers.map(({ id, name }) => [id, name]), [["i", "W"]]);
});

Deno.test("a node whose report is too long stays, with a shorter one and a warning", async () => {
  await using logs = await LogLines.collect();
  await using register = await Register.start({ listen: LISTEN });
  const report = {
    clients: 7,
    links: Array.from({ length: 200 }, () => ({ name: "x".repeat(500) })),
  };
  await using node = new TestRegisterClient({
    registers: [register.status().address],
    introduction: {
      event: "gateway_connect",
      address: "10.0.0.1:2900",
      instance: "g",
    },
    report: () => report,
  });

  const { gateways } = await reportWhen(
    register,
    ({ gateways }) => gateways[0]?.clients === 7,
  );

  assertEquals(gateways[0]?.links?.length, 100);
  assertStringIncludes(logs.lines.join(), "some links and events only");
  await node.becomes("welcomed");
  assertEquals(node.statuses.size, 0);
});

Deno.test("a Register passes on nothing of a report that is not what it should be", async () => {
  await using register = await Register.start({ listen: LISTEN });
  using node = await LinePeer.dial(register.addr);
  await node.say(
    '{"event":"gateway_connect","address":"10.0.0.1:2000","instance":"g","name":"G"}',
  );
  const report = {
    ...{ name: 7, uptime: null, state: {}, links: [null], events: "x" },
    ...{ ledger: [], memory: "m", cpu: {}, clients: 7, later: ["kept"] },
  };

  await node.say(JSON.stringify({ event: "report", report }));

  const { gateways } = await reportWhen(
    register,
    ({ gateways }) => gateways[0]?.clients === 7,
  );
  const [told = { uptime: undefined, reportAge: undefined }] = gateways;
  const { uptime, reportAge, ...rest } = told;
  assertEquals([typeof uptime, typeof reportAge], ["number", "number"]);
  assertEquals(Object.entries(rest).sort(), [
    ["address", "10.0.0.1:2000"],
    ["clients", 7],
    ["id", "g"],
    ["later", ["kept"]],
    ["name", "G"],
  ]);
});

Deno.test("a Register closes on a report of somebody who did not say who it is", async () => {
  await using register = await Register.start({ listen: LISTEN });
  using peer = await LinePeer.dial(register.addr);

  await peer.say('{"event":"report","report":{}}');

  await peer.hearEnd();
});

Deno.test("askRegister() rejects when the secret key differs", async () => {
  await using register = await Register.start({
    listen: LISTEN,
    secretKey: "right",
  });
  const address = register.status().address;
  const ask = async (secretKey: string) =>
    await askRegister({
      register: address,
      trust: await Trust.load({ secretKey }),
    });

  await assertRejects(() => ask("wrong"), LinkClosedError, "secret key");
  assertEquals((await ask("right")).registers.length, 1);
});

Deno.test("GatewayClient.connections() tells the same share of each gateway's clients", async () => {
  await using cluster = await startCluster({ handler: () => {}, gateways: 2 });
  for (const gateway of cluster.gateways) {
    for (let each = 0; each < 3; each++) await cluster.connect(gateway);
  }
  const outside = await cluster.outside();
  const [first = ""] = await outside.getAllClientIdList();
  await outside.bindUid(first, "ann");
  await outside.joinGroup(first, "lobby");

  const some = await outside.connections(4);
  const all = await outside.connections();

  const gateways = some.rows.map(({ id }) => id.slice(0, 12));
  assertEquals([some.total, some.rows.length], [6, 4]);
  assertEquals(new Set(gateways.slice(0, 2)).size, 2);
  assertEquals(all.rows.length, 6);
  const row = all.rows.find(({ id }) => id === first);
  assertEquals([row?.uid, row?.groups, row?.queued], ["ann", ["lobby"], 0]);
  assert(row?.remoteAddress.startsWith("127.0.0.1:"));
});
