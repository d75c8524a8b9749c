/**
 * What `authorize` has to say of clients of `gatewayworker.v1`, and of credentials that
 * end.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  accept,
  type Authorize,
  type ClientGrant,
  defineHandler,
  refuse,
} from "@gatewayworker/core";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LastingClient } from "../../_support/lasting_client.ts";
import { TestClient } from "../../_support/test_client.ts";

/** Lets in whoever says "as", with what is granted to that name. */
function granting(grants: Record<string, ClientGrant>): Authorize {
  return ({ credential, query }) => {
    const name = String(credential ?? query.get("as"));
    const grant = grants[name];
    return grant === undefined ? refuse(403, "who is that?\n") : accept(grant);
  };
}

async function start(authorize: Authorize): Promise<TestCluster> {
  return await startCluster({
    gateway: { resume: {}, authorize },
    handler: defineHandler({
      message: async (event, cluster) => {
        const { client } = event;
        if (event.text() === "forget") client.session["theme"] = "dark";
        const groups = await cluster.getGroupsByClientId(client.id) ?? [];
        return JSON.stringify([client.uid, groups, client.session]);
      },
    }),
  });
}

Deno.test("authorize is asked behind the hello, with the client's credential", async () => {
  await using cluster = await start(granting({
    ann: { uid: "ann", groups: ["staff"], session: { role: "admin" } },
  }));
  const [client] = await LastingClient.connect(cluster.gateway.addr, {
    a: "ann",
  });
  using _ = client;
  await client.say("m");

  await client.expect('m["ann",["staff"],{"role":"admin"}]');
});

Deno.test("a client that is refused is told so in band, for good", async () => {
  await using cluster = await start(granting({}));
  using client = await LastingClient.dial(cluster.gateway.addr);
  await client.hello({ a: "eve" });

  await client.expect(
    'e0 refused\n{"status":403,"message":"who is that?"}',
    "[4010 refused]",
  );
  assertEquals(cluster.gateway.clients, 0);
});

Deno.test("a client whose authorization fails is told to come back later", async () => {
  await using cluster = await start(() => {
    throw new TypeError("no database");
  });
  using client = await LastingClient.dial(cluster.gateway.addr);
  await client.hello({ a: "ann" });

  assertMatch(await client.hear(), /^x\{"after":\d+\}$/);
  await client.expect("[4012 later]");
});

Deno.test("a client is told to come back after a time that there is, whatever authorize says", async () => {
  await using cluster = await start(() =>
    refuse(503, "", { "Retry-After": "Infinity" })
  );
  using client = await LastingClient.dial(cluster.gateway.addr);
  await client.hello();

  assertMatch(await client.hear(), /^x\{"after":\d{4,5}\}$/);
});

Deno.test("who shows another one's token, and is somebody else, gets a session of their own", async () => {
  await using cluster = await start(
    granting({ ann: { uid: "ann" }, eve: { uid: "eve" } }),
  );
  const { addr } = cluster.gateway;
  const [ann, { t, id }] = await LastingClient.connect(addr, { a: "ann" });
  using _ann = ann;

  const [eve, welcome] = await LastingClient.connect(addr, { a: "eve", t });
  using _eve = eve;
  await eve.say("m");
  await ann.say("m");

  assertEquals([welcome.resumed, welcome.reason], [false, "refused"]);
  assert(welcome.id !== id);
  await eve.expect('m["eve",[],{}]');
  await ann.expect('m["ann",[],{}]');
});

Deno.test("a new grant stands in place of the old one, and what the handler did stays", async () => {
  const grants: Record<string, ClientGrant> = {
    ann: { uid: "ann", groups: ["staff", "all"], session: { role: "admin" } },
  };
  await using cluster = await start(granting(grants));
  const { addr } = cluster.gateway;
  const [first, { t }] = await LastingClient.connect(addr, { a: "ann" });
  await first.say("mforget");
  await first.hearBut("a");
  first[Symbol.dispose]();
  grants["ann"] = { uid: "ann", groups: ["all"], session: { role: "guest" } };

  const [second, { resumed }] = await LastingClient.connect(addr, {
    a: "ann",
    t,
    r: 1,
  });
  using _ = second;
  await second.say("m");

  assert(resumed);
  await second.expect('m["ann",["all"],{"role":"guest","theme":"dark"}]');
});

Deno.test("a credential that has ended is no reason to stay away", async () => {
  const ended = { uid: "ann", expiresAt: new Date(0) };
  await using cluster = await start(granting({ ann: ended }));
  using client = await LastingClient.dial(cluster.gateway.addr);
  await client.hello({ a: "ann" });

  await client.expect(
    'e0 expired\n{"status":401,"message":"401 the credential has ended: come with another"}',
    "[4011 expired]",
  );
});

Deno.test("a client renews its credential in time, or comes back with another", async () => {
  const grants: Record<string, ClientGrant> = {};
  const endsIn = (seconds: number) => Date.now() + 1_000 * seconds;
  await using cluster = await start(granting(grants));
  const { addr } = cluster.gateway;
  grants["old"] = { uid: "ann", expiresAt: endsIn(20) };
  const [client, { t }] = await LastingClient.connect(addr, { a: "old" });
  assertMatch(await client.hear(), /^t\{"in":1\d{4}\}$/);
  // It ends within three seconds, and is not renewed.
  grants["short"] = { uid: "ann", expiresAt: endsIn(2) };
  await client.say('t"short"');

  assertMatch(await client.hearBut("a", "p"), /^t\{"in":\d{1,4}\}$/);
  await client.expect("[4011 expired]");
  client[Symbol.dispose]();
  grants["new"] = { uid: "ann", expiresAt: endsIn(3_600) };
  const [back, { resumed }] = await LastingClient.connect(addr, {
    a: "new",
    t,
  });
  using _ = back;
  assert(resumed);
});

Deno.test("a client that shows somebody else's credential is refused", async () => {
  const expiresAt = Date.now() + 3_600_000;
  await using cluster = await start(
    granting({ ann: { uid: "ann", expiresAt }, eve: { uid: "eve" } }),
  );
  const [client] = await LastingClient.connect(cluster.gateway.addr, {
    a: "ann",
  });
  using _ = client;
  await client.say('t"eve"');

  await client.expect("[4010 refused]");
});

Deno.test("a client of another kind is closed when its credential ends", async () => {
  const expiresAt = Date.now() + 1_000;
  await using cluster = await start(granting({ ann: { expiresAt } }));
  await using client = await TestClient.connect(
    `ws://127.0.0.1:${cluster.gateway.addr.port}/?as=ann`,
  );

  const { code, reason } = await client.closed;

  assertEquals([code, reason], [4011, "expired"]);
  await eventually("it is gone", () => cluster.gateway.clients === 0);
});

Deno.test("a renewal that is decided late judges nobody who has come back with another credential", async () => {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const expiresAt = Date.now() + 60_000;
  await using cluster = await start(async ({ credential }) => {
    if (credential !== "slow") return accept({ uid: "ann", expiresAt });
    asked.resolve();
    await gate.promise;
    return refuse(403);
  });
  const { addr } = cluster.gateway;
  const [first, { t }] = await LastingClient.connect(addr, { a: "good" });
  await first.say('t"slow"');
  await asked.promise;
  first[Symbol.dispose]();
  const [second, { resumed }] = await LastingClient.connect(addr, {
    a: "better",
    t,
  });
  using _ = second;
  gate.resolve();
  await second.say("m");

  assertEquals(resumed, true);
  await second.expect('m["ann",[],{}]');
});
