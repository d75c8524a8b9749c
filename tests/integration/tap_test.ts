/**
 * Taps: what they show of each kind of frame, that they follow a client, and that they
 * are bounded.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { defineHandler, type Gateway } from "@gatewayworker/core";
import { TapClient } from "../../lib/cluster/tap_client.ts";
import type { TapOrder, TapRow } from "../../lib/wire/bodies/tap.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { LastingClient } from "../_support/lasting_client.ts";
import { LogLines } from "../_support/log_lines.ts";

const ORDER: TapOrder = {
  subject: "uid",
  names: ["ann"],
  payload: false,
  rate: 1_000,
  by: "a test",
};

const handler = defineHandler({
  message: async (event) => {
    const [word, rest = ""] = event.text().split(" ");
    if (word === "uid") await event.client.bindUid(rest);
    if (word === "join") await event.client.joinGroup(rest);
    return word === "who" ? event.client.id : event.text();
  },
  request: (event) => event.name === "add" ? { sum: 3 } : undefined,
});

async function tap(
  cluster: TestCluster,
  order: Partial<TapOrder> = {},
): Promise<TapClient> {
  const running = await TapClient.open({
    register: cluster.registers,
  }, { ...ORDER, ...order });
  for (const gateway of cluster.gateways) {
    await eventually("it taps", () => gateway.report().taps !== undefined);
  }
  return running;
}

/** The next frames, in short, without words about the tap. */
async function next(running: TapClient, count: number): Promise<string[]> {
  const rows: string[] = [];
  while (rows.length < count) {
    const item = await running.next();
    assert(item !== undefined, `the tap is over after ${rows}`);
    if (!("note" in item)) rows.push(short(item));
  }
  return rows;
}

function short({ way, kind, name = "", bytes, shape = "" }: TapRow): string {
  return `${way} ${kind} ${name} ${bytes} ${shape}`.replaceAll(/ +/g, " ")
    .trim();
}

Deno.test("a tap tells requests, answers, events and ends apart, and says nothing of what is in them", async () => {
  await using cluster = await startCluster({
    handler,
    gateway: { resume: {} },
  });
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  await client.say("muid ann");
  await client.expect("muid ann");
  await using running = await tap(cluster);

  await client.say("q1 add\n[1,2]");
  await client.expect('r1\n{"sum":3}');
  await client.say('q2 none\n{"key":"value"}');
  await client.expect("e2 unknown\nnull");
  await client.say('q0 typed\n"text"', "b");
  await client.hearBut("a");
  client[Symbol.dispose]();

  assertEquals(await next(running, 6), [
    "in request add 12 list(2) of number",
    'out answer 12 {"sum": number}',
    'in request none 23 {"key": string}',
    "out failure unknown 15",
    "in event typed 15",
    "in close 1000 17",
  ]);
});

Deno.test("a tap of a client follows it to the gateway that it moves to, and on from there", async () => {
  await using cluster = await startCluster({
    handler,
    gateways: 3,
    gateway: { resume: {} },
  });
  const [home, other, last] = cluster.gateways;
  assert(home && other && last);
  const ids: string[] = [];
  /** Comes to a gateway, asks for its id, says something, and loses its cable. */
  const visit = async (gateway: Gateway, token: string, received: number) => {
    const [client, { t }] = await LastingClient.connect(gateway.addr, {
      t: token,
      r: received,
    });
    await client.say("mwho");
    ids.push((await client.hearBut("a", "p")).slice(1));
    return { client, token: t };
  };
  const first = await visit(home, "", 0);
  await using running = await tap(cluster, {
    subject: "client",
    names: [ids[0] ?? ""],
    payload: true,
  });
  const rows: TapRow[] = [];
  const hear = async (upTo: string) => {
    while (rows.at(-1)?.payload !== upTo || rows.at(-1)?.way !== "out") {
      const item = await running.next();
      assert(item !== undefined);
      if (!("note" in item)) rows.push(item);
    }
  };
  await first.client.say("m1");
  await first.client.expect("m1");
  await hear("1");
  first.client[Symbol.dispose]();

  const second = await visit(other, first.token, 2);
  await hear(ids[1] ?? "");
  second.client[Symbol.dispose]();
  const third = await visit(last, second.token, 3);
  await hear(ids[2] ?? "");

  assertEquals(new Set(ids).size, 3);
  const said = rows.filter(({ kind }) => kind === "message");
  assertEquals(
    said.map(({ way, client, payload }) => [way, client, payload]),
    [
      ["in", ids[0], "1"],
      ["out", ids[0], "1"],
      ["in", ids[1], "who"],
      ["out", ids[1], ids[1]],
      ["in", ids[2], "who"],
      ["out", ids[2], ids[2]],
    ],
  );
  third.client[Symbol.dispose]();
});

Deno.test("a tap under load shows so many frames a second, and counts the rest", async () => {
  await using cluster = await startCluster({ handler });
  const { gateway } = cluster;
  const client = await cluster.connect();
  client.send("join room");
  await client.hear();
  await using running = await tap(cluster, {
    subject: "group",
    names: ["room"],
    rate: 50,
  });
  await using idle = await tap(cluster, { names: ["nobody"] });
  const before = gateway.ledger.sent;

  const message = "x".repeat(1_000);
  for (let i = 0; i < 40; i++) {
    for (let j = 0; j < 50; j++) client.send(message);
    await client.hearAll(50);
  }

  const [report, other] = gateway.report().taps ?? [];
  assert(report && other);
  assertEquals(gateway.ledger.sent - before, 2_000);
  assertEquals(report.shown + report.leftOut, 4_000);
  assert(report.shown >= 50, `${report.shown} were shown`);
  assert(
    report.shown <= 50 * (report.seconds + 2),
    `${report.shown} were shown in ${report.seconds} s`,
  );
  assertEquals([other.shown, other.leftOut], [0, 0]);
  // What was not shown is said when there is time for it.
  let [seen, left] = [0, 0];
  while (seen + left < 4_000) {
    const item = await running.next();
    assert(item !== undefined);
    if ("note" in item) continue;
    if (item.kind !== "left out") seen++;
    left += item.left ?? 0;
  }
  assertEquals(seen + left, 4_000);
  void idle;
});

Deno.test("a gateway takes eight taps, and of workers none; each is logged with who wanted it", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({ handler });
  const taps = await Promise.all(
    Array.from({ length: 9 }, () => tap(cluster, { by: "ann" })),
  );

  const notes = await Promise.all(taps.map(async (running) => {
    const item = await running.next();
    return item !== undefined && "note" in item ? item.note : "";
  }));
  for (const running of taps) await running[Symbol.asyncDispose]();
  await eventually("nobody taps", () => !cluster.gateway.report().taps);

  const refused = notes.filter((note) => note.includes("is not tapped"));
  assertEquals(refused.length, 1);
  assert(
    refused[0]?.endsWith(
      "Cannot tap as a gateway has at most 8 taps: it has as many",
    ),
  );
  assertEquals(
    log.lines.filter((line) => line.startsWith('ann taps uid "ann"')).length,
    16,
  );
  await assertRejects(
    () => tap(cluster, { rate: 1_001 }),
    TypeError,
    "Cannot tap as the rate must be 1 to 1000 frames a second: found 1001",
  );
});
