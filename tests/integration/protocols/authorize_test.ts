/**
 * Who may come in, and with what, is decided before any worker hears of a client.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  accept,
  type AuthorizationRequest,
  type Authorize,
  type GatewayOptions,
  type HandlerEvent,
  refuse,
} from "@gatewayworker/core";
import authorizeByToken from "../../../examples/jwt/authorize.ts";
import greet from "../../../examples/jwt/handler.ts";
import { makeToken } from "../../../examples/jwt/make_token.ts";
import { startCluster } from "../../_support/cluster.ts";
import { Inbox } from "../../_support/inbox.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { text } from "../../unit/transport/_feed.ts";
import {
  RawClient,
  UPGRADE_REQUEST,
} from "../../unit/transport/_raw_client.ts";

/** A cluster whose handler tells the test of each event. */
async function start(authorize: Authorize, more: GatewayOptions = {}) {
  const events = new Inbox<HandlerEvent>();
  const cluster = await startCluster({
    handler: (event) => void ("client" in event && events.push(event)),
    gateway: { ...more, authorize },
  });
  return { cluster, events };
}

/** Asks to come in; returns what is answered. */
async function ask(
  addr: Deno.NetAddr,
  request = UPGRADE_REQUEST,
): Promise<string> {
  using client = await RawClient.dial(addr);
  await client.say(request);
  return text(await client.hearAll());
}

Deno.test("authorize() is asked with path, query, headers, cookies and address", async () => {
  const asked = new Inbox<AuthorizationRequest>();
  const { cluster } = await start((request) => {
    asked.push(request);
    return refuse(403);
  });
  await using _cluster = cluster;

  await ask(
    cluster.gateway.addr,
    UPGRADE_REQUEST.replace("Host: a", "Host: a\r\nCookie: sid=%41; b=2"),
  );

  const { path, query, headers, cookies, remoteAddress, listener } = await asked
    .next();
  assertEquals([path, query.get("id"), listener], ["/room", "7", 0]);
  assertEquals(headers.get("host"), "a");
  assertEquals({ ...cookies }, { sid: "A", b: "2" });
  assertMatch(remoteAddress, /^127\.0\.0\.1:\d+$/);
});

Deno.test("a client that is refused gets the answer, and causes no event at all", async () => {
  const { cluster, events } = await start(() =>
    refuse(401, "who are you?", { "WWW-Authenticate": "Bearer" })
  );
  await using _cluster = cluster;

  const answer = await ask(cluster.gateway.addr);

  assertMatch(answer, /^HTTP\/1\.1 401 Unauthorized\r\n/);
  assertMatch(answer, /\r\nWWW-Authenticate: Bearer\r\n/);
  assertMatch(answer, /\r\n\r\nwho are you\?$/);
  const { ledger, clients } = cluster.gateway;
  assertEquals([ledger.accepted, clients, events.size], [0, 0, 0]);
});

Deno.test("a client begins with the uid, groups and session that it was granted", async () => {
  const grant = {
    uid: "alice",
    groups: ["lobby", "staff"],
    session: { name: "Alice", level: 3 },
  };
  const { cluster, events } = await start(() => accept(grant));
  await using _cluster = cluster;
  await using client = await cluster.connect();

  const event = await events.next();

  assert(event.type === "connect");
  assertEquals(event.client.uid, "alice");
  assertEquals<unknown>({ ...event.client.session }, grant.session);
  const outside = await cluster.outside();
  await outside.sendToUid("alice", "by uid");
  await outside.sendToGroup("staff", "by group");
  assertEquals(await client.hearAll(2), ["by uid", "by group"]);
});

Deno.test("a client that nothing was decided on comes in with nothing", async () => {
  const { cluster, events } = await start(() => {});
  await using _cluster = cluster;
  await using _client = await cluster.connect();

  const event = await events.next();

  assert("client" in event);
  assertEquals([event.type, event.client.uid], ["connect", undefined]);
});

Deno.test("a client is answered 503 if authorize() takes too long", async () => {
  const { cluster, events } = await start(
    () => new Promise<never>(() => {}),
    { authorizeTimeout: 30 },
  );
  await using _cluster = cluster;

  assertMatch(await ask(cluster.gateway.addr), /^HTTP\/1\.1 503 /);

  assertEquals([cluster.gateway.ledger.accepted, events.size], [0, 0]);
});

for (
  const [what, authorize] of [
    ["throws", () => {
      throw new RangeError("database is down");
    }],
    ["rejects", () => Promise.reject(new RangeError("database is down"))],
    [
      "grants a session that is none",
      () => accept({ session: { f: () => {} } }),
    ],
    [
      "grants a session that is too large",
      () => accept({ session: { much: "x".repeat(70_000) } }),
    ],
  ] satisfies [string, Authorize][]
) {
  Deno.test(`a client is answered 500 if authorize() ${what}, which is logged`, async () => {
    await using log = await LogLines.collect();
    const { cluster, events } = await start(authorize);
    await using _cluster = cluster;

    const answer = await ask(cluster.gateway.addr);

    assertMatch(answer, /^HTTP\/1\.1 500 /);
    assertEquals(answer.includes("database"), false);
    assertMatch(log.lines.join("\n"), /Cannot authorize a client/);
    assertEquals([cluster.gateway.ledger.accepted, events.size], [0, 0]);
  });
}

Deno.test("refuse() takes no status that would let somebody in", () => {
  for (const status of [101, 200, 399, 600, 403.5]) {
    assertThrows(() => refuse(status), RangeError, "must be 400 to 599");
  }
});

/** The example's cluster. */
async function startJwt() {
  return await startCluster({
    handler: greet,
    gateway: { authorize: authorizeByToken },
  });
}

Deno.test("examples/jwt lets in who has a token, as who it says", async () => {
  await using cluster = await startJwt();
  const token = await makeToken("alice", ["lobby"]);
  await using client = await cluster.connect(
    cluster.gateway,
    `/?token=${token}`,
  );

  assertEquals(await client.hear(), "hello alice");
  client.send("hi");
  assertEquals(await client.hear(), "alice: hi");
  await (await cluster.outside()).sendToGroup("lobby", "welcome");
  assertEquals(await client.hear(), "welcome");
});

Deno.test("examples/jwt takes the token of a header too", async () => {
  await using cluster = await startJwt();
  const token = await makeToken("bob");
  using client = await RawClient.dial(cluster.gateway.addr);

  const header = `Authorization: Bearer ${token}\r\n\r\n`;
  await client.say(UPGRADE_REQUEST.slice(0, -2) + header);

  assertMatch(await client.hearUntil("\r\n\r\n"), /^HTTP\/1\.1 101 /);
  assertEquals(text(await client.hear(11)).slice(2), "hello bob");
});

Deno.test("examples/jwt keeps out who has no token, a forged one, or an old one", async () => {
  await using cluster = await startJwt();
  const token = await makeToken("alice");
  const forged = `${token.slice(0, -4)}AAAA`;
  const get = (path: string) =>
    ask(cluster.gateway.addr, UPGRADE_REQUEST.replace("/room?id=7", path));

  assertMatch(await get("/"), /^HTTP\/1\.1 401 /);
  assertMatch(await get(`/?token=${forged}`), /^HTTP\/1\.1 403 /);
  assertMatch(await get("/?token=nonsense"), /^HTTP\/1\.1 403 /);
  assertEquals(cluster.gateway.ledger.accepted, 0);
});
