/**
 * Clients of `gatewayworker.v1` that come back at another gateway, said by hand over real
 * sockets.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  accept,
  defineHandler,
  type Gateway,
  type GatewayOptions,
  type HandlerCallbacks,
  refuse,
} from "@gatewayworker/core";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { LastingClient } from "../../_support/lasting_client.ts";

/** Echoes, and does to the client what a message says. */
const ECHO: HandlerCallbacks = {
  message: async (event, cluster) => {
    const { client } = event;
    const text = event.text();
    const [word, rest = ""] = text.split(" ");
    if (word === "uid") await client.bindUid(rest);
    if (word === "join") await client.joinGroup(rest);
    if (word === "keep") client.session = { kept: rest };
    if (word === "who") {
      const { uid, session, previousId, id } = client;
      const groups = await cluster.getGroupsByClientId(id);
      return JSON.stringify({ uid, groups, session, previousId });
    }
    return text;
  },
};

async function start(
  gateway: GatewayOptions = {},
  callbacks: HandlerCallbacks = ECHO,
  workers = 1,
): Promise<[cluster: TestCluster, home: Gateway, other: Gateway]> {
  const cluster = await startCluster({
    handler: defineHandler(callbacks),
    gateways: 2,
    workers,
    gateway: { resume: {}, ...gateway },
  });
  const [home, other] = cluster.gateways;
  assert(home && other);
  return [cluster, home, other];
}

/** The next frames, without what is not counted, until one is as said. */
async function hearUntil(client: LastingClient, last: string) {
  const heard: string[] = [];
  while (heard.at(-1) !== last) heard.push(await client.hearBut("a", "p"));
  return heard;
}

Deno.test("a client comes back at another gateway with its session, uid, groups and messages", async () => {
  const [cluster, home, other] = await start();
  await using _cluster = cluster;
  const [first, welcome] = await LastingClient.connect(home.addr);
  await first.say("muid ann", "mjoin room", "mkeep this", "m1");
  await first.expect("muid ann", "mjoin room", "mkeep this", "m1");
  first[Symbol.dispose]();
  await eventually("it is away", () => home.report().resume?.away === 1);
  await using program = await cluster.outside();
  await program.sendToUid("ann", "to ann", { confirm: true });
  await program.sendToGroup("room", "to the room", { confirm: true });

  // It says that it has but three of four.
  const [second, back] = await LastingClient.connect(other.addr, {
    t: welcome.t,
    r: 3,
  });
  using _ = second;

  assertEquals([back.resumed, back.in, back.gap], [true, 4, 0]);
  assertEquals(back.id, welcome.id);
  assertNotEquals(back.t, welcome.t);
  await second.expect("m1", "mto ann", "mto the room");
  await second.say("mwho");
  const told = JSON.parse((await second.hearBut("a", "p")).slice(1));
  assertEquals([told.uid, told.groups], ["ann", ["room"]]);
  assertEquals(told.session, { kept: "this" });
  assertEquals([home.clients, other.clients], [0, 1]);
  assertEquals(await program.sendToUid("ann", "again", { confirm: true }), 1);
  await second.expect("magain");
  assertEquals(
    await program.sendToClient(told.previousId, "by the old id", {
      confirm: true,
    }),
    1,
  );
  await second.expect("mby the old id");
  assertEquals(await program.isOnline(told.previousId), true);
});

Deno.test("a client takes over from its half-open socket at another gateway, which is not read any more", async () => {
  const told: string[] = [];
  const [cluster, home, other] = await start({}, {
    connect: () => void told.push("connect"),
    away: ({ code }) => void told.push(`away ${code}`),
    back: ({ missed, client }) => {
      told.push(`back ${missed}`);
      assertNotEquals(client.previousId, undefined);
    },
    close: ({ code }) => void told.push(`close ${code}`),
    message: (event) => {
      told.push(event.text());
      return event.text();
    },
  });
  await using _cluster = cluster;
  const [first, { t }] = await LastingClient.connect(home.addr);
  using _first = first;
  await first.say("m1");
  await first.expect("m1");

  const [second, back] = await LastingClient.connect(other.addr, { t, r: 0 });
  using _second = second;
  // What the old socket brings now is for nobody.
  await first.say("m2").catch(() => {});
  await first.expect("[4009 replaced]");
  await second.say("m3");

  assertEquals([back.resumed, back.in], [true, 1]);
  await second.expect("m1", "m3");
  await second.say("b");
  second[Symbol.dispose]();
  await eventually("it is closed", () => told.includes("close 1000"));
  assertEquals(
    told,
    ["connect", "1", "away 4009", "back 0", "3", "close 1000"],
  );
  assertEquals([home.clients, other.clients], [0, 0]);
  await cluster.settled();
});

Deno.test("a token is good at every gateway until the next one is shown, however many welcomes get lost", async () => {
  const [cluster, home, other] = await start();
  await using _cluster = cluster;
  const [first, { t, id }] = await LastingClient.connect(home.addr);
  await first.say("m1");
  await first.expect("m1");
  first[Symbol.dispose]();

  // Two welcomes get lost, at two gateways.
  for (const { addr } of [other, home]) {
    const [lost, welcome] = await LastingClient.connect(addr, { t, r: 1 });
    assert(welcome.resumed, welcome.reason);
    lost[Symbol.dispose]();
  }
  const [third, again] = await LastingClient.connect(other.addr, { t, r: 1 });
  third[Symbol.dispose]();
  assertEquals([again.resumed, again.id], [true, id]);
  const [fourth, next] = await LastingClient.connect(home.addr, {
    t: again.t,
    r: 1,
  });
  using _fourth = fourth;
  assertEquals([next.resumed, next.id], [true, id]);
  // A stale page shows the first one, where it began and where it was.
  for (const { addr } of [home, other]) {
    const [stale, { resumed, reason }] = await LastingClient.connect(addr, {
      t,
      r: 1,
    });
    stale[Symbol.dispose]();
    assert(!resumed);
    assert(reason === "expired" || reason === "lost", reason);
  }
  await fourth.say("m2");
  await fourth.expect("m2");
});

Deno.test("who moves while everybody sends to its group gets each message once, and in order", async () => {
  const [cluster, home, other] = await start();
  await using _cluster = cluster;
  const program = await cluster.outside();
  let [client, { t }] = await LastingClient.connect(home.addr);
  await client.say("mjoin room", "muid ann");
  await client.expect("mjoin room", "muid ann");
  let received = 2;
  let isOver = false;
  let sent = 0;
  const sending = (async () => {
    while (!isOver) {
      void program.sendToGroup("room", `${++sent}`);
      if (sent % 3 === 0) void program.sendToUid("ann", `${++sent}`);
      if (sent % 5 === 0) void program.sendToAll(`${++sent}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  const heard: number[] = [];
  for (let round = 0; round < 12; round++) {
    for (let each = 0; each < 20; each++) {
      const frame = await client.hearBut("a", "p");
      heard.push(Number(frame.slice(1)));
      received++;
    }
    const { addr } = round % 2 === 0 ? other : home;
    const [next, back] = await LastingClient.connect(addr, { t, r: received });
    client[Symbol.dispose]();
    assertEquals([back.resumed, back.gap], [true, 0]);
    [client, t] = [next, back.t];
  }
  isOver = true;
  await sending;
  await program.sendToGroup("room", "last", { confirm: true });
  const rest = await hearUntil(client, "mlast");
  client[Symbol.dispose]();

  heard.push(...rest.slice(0, -1).map((frame) => Number(frame.slice(1))));
  assertEquals(heard, Array.from({ length: sent }, (_, i) => i + 1));
});

Deno.test("who moves while a handler runs has no two at once, and what the old one does counts", async () => {
  const gate = Promise.withResolvers<void>();
  const log: string[] = [];
  const [cluster, home, other] = await start({}, {
    message: async (event) => {
      const text = event.text();
      log.push(`${text} begins`);
      if (text === "slow") await gate.promise;
      event.client.session = { ...event.client.session, [text]: true };
      log.push(`${text} ends`);
      if (event.redelivered) log.push("again");
      return Object.keys(event.client.session).join();
    },
  });
  await using _cluster = cluster;
  const [first, { t }] = await LastingClient.connect(home.addr);
  await first.say("mslow", "mnext");
  await eventually("it runs", () => log.includes("slow begins"));
  await eventually("the next one came", () => home.ledger.accepted === 3);
  const [second, back] = await LastingClient.connect(other.addr, { t, r: 0 });
  using _second = second;
  first[Symbol.dispose]();
  await second.say("mlast");
  assertEquals([back.resumed, back.in], [true, 2]);
  assertEquals(
    await cluster.outside().then((one) => one.getAllClientIdCount()),
    1,
  );
  gate.resolve();

  await second.expect("mslow", "mslow,next", "mslow,next,last");

  assertEquals(log, [
    ...["slow begins", "slow ends", "next begins", "next ends"],
    ...["last begins", "last ends"],
  ]);
  await cluster.settled();
});

Deno.test("a request is answered, taken back and lost at the gateway to which its client has moved", async () => {
  await using _log = await LogLines.collect();
  const answers: (() => void)[] = [];
  const aborted: string[] = [];
  const [cluster, home, other] = await start({}, {}, 0);
  await using _cluster = cluster;
  const fragile = await cluster.addFragileWorker(defineHandler({
    request: (event) => {
      const { name } = event;
      event.detach();
      event.signal.addEventListener("abort", () => aborted.push(name));
      answers.push(() => event.answer(name));
    },
  }));
  const [first, { t }] = await LastingClient.connect(home.addr);
  await first.say("q1 one\n1", "q2 two\n2", "q3 three\n3");
  await eventually("it has asked", () => answers.length === 3);
  const [second, back] = await LastingClient.connect(other.addr, { t, r: 0 });
  using _second = second;
  first[Symbol.dispose]();
  assertEquals([back.resumed, back.in], [true, 3]);

  answers[0]?.();
  await second.expect('r1\n"one"');
  await second.say("k2");
  await eventually("it was taken back", () => aborted.includes("two"));
  // Whose worker is gone for good has no answer to come.
  fragile.kill();
  await second.expect("e2 cancelled\nnull", "e3 lost\nnull");
});

Deno.test("a client that moves is told how many messages its ring had no room for", async () => {
  const [cluster, home, other] = await start({
    resume: { bytes: 2_000 },
  });
  await using _cluster = cluster;
  const program = await cluster.outside();
  const [first, { t }] = await LastingClient.connect(home.addr);
  await first.say("muid ann");
  await first.expect("muid ann");
  first[Symbol.dispose]();
  await eventually("it is away", () => home.report().resume?.away === 1);
  for (let each = 1; each <= 20; each++) {
    await program.sendToUid("ann", `${each}`.padEnd(200), { confirm: true });
  }

  const [second, back] = await LastingClient.connect(other.addr, { t, r: 1 });
  using _second = second;

  const rest = await hearUntil(second, `m${"20".padEnd(200)}`);
  assert(back.gap > 0);
  assertEquals(back.gap + rest.length, 20);
  assertEquals(rest[0], `m${`${back.gap + 1}`.padEnd(200)}`);
});

Deno.test("a claim and an end in one breath: the client is either back or closed", async () => {
  const told: string[] = [];
  const [cluster, home, other] = await start({}, {
    ...ECHO,
    back: () => void told.push("back"),
    close: ({ code, client }) =>
      void (client.uid === "ann" && told.push(`close ${code}`)),
  });
  await using _cluster = cluster;
  const program = await cluster.outside();
  for (let round = 0; round < 12; round++) {
    told.length = 0;
    const [first, { t }] = await LastingClient.connect(home.addr);
    await first.say("muid ann");
    await first.expect("muid ann");
    first[Symbol.dispose]();
    await eventually("it is away", () => home.report().resume?.away === 1);
    const second = await LastingClient.dial(other.addr);
    const hello = second.hello({ t, r: 1 });
    await new Promise((resolve) => setTimeout(resolve, round % 6));
    void program.closeUid("ann", undefined, { code: 4100 });
    await hello;
    const { resumed } = await second.welcome();
    if (resumed) await second.expect("[4100 ]");
    else await second.say("b");
    second[Symbol.dispose]();
    await eventually("it is closed", () => told.includes("close 4100"));
    assertEquals(told, resumed ? ["back", "close 4100"] : ["close 4100"]);
    await eventually("it is gone", () => home.clients + other.clients <= 1);
  }
});

Deno.test("at another gateway a credential counts as at its own, and somebody else's session stays where it is", async () => {
  const [cluster, home, other] = await start({
    authorize: ({ credential }) =>
      credential === "nobody"
        ? refuse(403, "no")
        : accept({ uid: `${credential}`, groups: [`of ${credential}`] }),
  });
  await using _cluster = cluster;
  const [first, { t, id }] = await LastingClient.connect(home.addr, {
    a: "ann",
  });
  await first.say("m1");
  await first.expect("m1");

  const refused = await LastingClient.dial(other.addr);
  await refused.hello({ t, r: 1, a: "nobody" });
  await refused.expect('e0 refused\n{"status":403,"message":"no"}');
  refused[Symbol.dispose]();
  const [thief, theft] = await LastingClient.connect(other.addr, {
    t,
    r: 1,
    a: "bob",
  });
  thief[Symbol.dispose]();
  assertEquals([theft.resumed, theft.reason], [false, "refused"]);
  const [nobody, stranger] = await LastingClient.connect(other.addr, {
    t: `A${t.slice(1)}`,
    a: "ann",
  });
  await nobody.say("b");
  nobody[Symbol.dispose]();
  assertEquals([stranger.resumed, stranger.reason], [false, "elsewhere"]);
  await first.say("m2");
  await first.expect("m2");
  const [owner, back] = await LastingClient.connect(other.addr, {
    t,
    r: 2,
    a: "ann",
  });
  using _owner = owner;
  assertEquals([back.resumed, back.id], [true, id]);
  await first.expect("[4009 replaced]");
  const program = await cluster.outside();
  assertEquals(await program.sendToGroup("of ann", "hi", { confirm: true }), 1);
  await owner.expect("mhi");
  first[Symbol.dispose]();
});

Deno.test("what a worker had of a client that has moved is told again, marked, if the worker is lost", async () => {
  await using _log = await LogLines.collect();
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const [cluster, home, other] = await start({}, {}, 0);
  await using _cluster = cluster;
  const fragile = await cluster.addFragileWorker(defineHandler({
    message: (event) => {
      log.push(`${event.text()} is lost`);
      return gate.promise;
    },
  }));
  const [first, { t }] = await LastingClient.connect(home.addr);
  await first.say("mone", "mtwo");
  await eventually("it runs", () => log.length > 0);
  await eventually("the next one came", () => home.ledger.accepted === 3);
  const [second, back] = await LastingClient.connect(other.addr, { t, r: 0 });
  using _second = second;
  first[Symbol.dispose]();
  assertEquals([back.resumed, back.in], [true, 2]);
  await second.say("mthree");
  await cluster.addWorker(defineHandler({
    message: (event) => `${event.text()} ${event.redelivered}`,
  }));
  fragile.kill();

  await second.expect("mone true", "mtwo true", "mthree false");

  assertEquals(log, ["one is lost"]);
  gate.resolve();
  cluster.checkLedgers();
});

Deno.test("a client that moves stays with its worker, whose sends go on in order", async () => {
  const named = (name: string) =>
    defineHandler({ message: () => name, back: () => {} });
  await using cluster = await startCluster({
    handler: named("first"),
    gateways: 2,
    gateway: { resume: {} },
  });
  const [home, other] = cluster.gateways;
  assert(home && other);
  const tokens: string[] = [];
  for (let each = 0; each < 4; each++) {
    const [client, { t }] = await LastingClient.connect(home.addr);
    await client.say("mwho");
    await client.expect("mfirst");
    client[Symbol.dispose]();
    tokens.push(t);
  }
  await cluster.addWorker(named("second"));
  await eventually("both are there", () => other.workers === 2);

  for (const t of tokens) {
    const [client, back] = await LastingClient.connect(other.addr, { t, r: 1 });
    using _ = client;
    await client.say("mwho");

    assertEquals(back.resumed, true);
    assertEquals(await client.hearBut("a", "p"), "mfirst");
  }
});
