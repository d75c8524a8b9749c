/**
 * Whatever `authorize` returns or throws: it costs the client that was asked about,
 * and nobody else.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import {
  accept,
  type Authorize,
  defineHandler,
  refuse,
} from "@gatewayworker/core";
import { startCluster } from "../../_support/cluster.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { text } from "../../unit/transport/_feed.ts";
import {
  RawClient,
  UPGRADE_REQUEST,
} from "../../unit/transport/_raw_client.ts";

/** What JavaScript lets one write that is neither a grant nor a refusal. */
const JUNK: Record<string, () => unknown> = {
  "a number as uid": () => accept({ uid: 42 as never }),
  "null as uid": () => accept({ uid: null as never }),
  "an empty uid": () => accept({ uid: "" }),
  "a uid that is too long": () => accept({ uid: "x".repeat(1_025) }),
  "a uid that is not well-formed": () => accept({ uid: "\ud800" }),
  "null as groups": () => accept({ groups: null as never }),
  "a number as groups": () => accept({ groups: 7 as never }),
  "a text as groups": () => accept({ groups: "lobby" as never }),
  "a set of groups": () => accept({ groups: new Set(["a"]) as never }),
  "a group without a name": () => accept({ groups: [""] }),
  "a number as group": () => accept({ groups: ["a", 7 as never] }),
  "groups with a hole": () => accept({ groups: new Array(1) }),
  "null as session": () => accept({ session: null as never }),
  "a list as session": () => accept({ session: [1] as never }),
  "a function in a session": () => accept({ session: { f() {} } }),
  "a session that is too large": () =>
    accept({ session: { much: "x".repeat(70_000) } }),
  "a session that encodes as a list": () =>
    accept({
      session: Object.assign(Object.create(null), {
        key: 1,
        *[Symbol.iterator]() {},
      }),
    }),
  "true": () => true,
  "false": () => false,
  "null": () => null,
  "an empty object": () => ({}),
  "a list": () => [accept()],
  "a text": () => "accept",
  "another kind": () => ({ kind: "admit", grant: {} }),
  "a grant without its parts": () => ({ kind: "accept" }),
  "null as grant": () => accept(null as never),
  "a text as grant": () => accept("ann" as never),
  "a refusal without its parts": () => ({ kind: "refuse" }),
  "a refusal with a status that lets in": () => ({
    kind: "refuse",
    refusal: { status: 101 },
  }),
  "a refusal with a text as status": () => refuse("401" as never),
  "a refusal with a number as body": () => refuse(401, 7 as never),
  "a refusal with a body that is too long": () =>
    refuse(401, "x".repeat(65_537)),
  "a refusal with a number as header": () =>
    refuse(429, "", { "Retry-After": 5 as never }),
  "a refusal with null as headers": () => refuse(429, "", null as never),
  "a refusal with headers of another class": () =>
    refuse(401, "", new Headers({ "X-A": "b" }) as never),
  "a refusal with a line break in a header": () =>
    refuse(401, "", { "X-A": "b\r\nX-Evil: 1" }),
  "a refusal with a line break in a header's name": () =>
    refuse(401, "", { "X-A: b\r\nX-Evil": "1" }),
  "a getter that throws": () => ({
    get kind(): never {
      throw new RangeError("no kind today");
    },
  }),
  "a getter in a session that throws": () =>
    accept({
      session: {
        get key(): never {
          throw new RangeError("no value today");
        },
      },
    }),
  "a proxy whose every trap throws": () =>
    new Proxy({}, {
      get: () => {
        throw new RangeError("trapped");
      },
    }),
  "a thenable that throws": () => ({
    then() {
      throw Object.create(null);
    },
  }),
  "what cannot become a text, thrown": () => {
    throw Object.create(null);
  },
  "what cannot become a text, rejected": () =>
    Promise.reject(Object.create(null)),
  "nothing, rejected": () => Promise.reject(),
};

const NAMES = Object.keys(JUNK);

/** Who comes to a path that is a number gets the junk of that number. */
const authorize: Authorize = ({ path }) => {
  const name = NAMES[Number(path.slice(1))];
  const junk = name === undefined ? undefined : JUNK[name];
  // What the types forbid is what this is about.
  return (junk === undefined ? accept({ uid: "bystander" }) : junk()) as never;
};

Deno.test("whatever authorize() returns that is no grant and no refusal is a 500 for that client alone", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({
    handler: defineHandler({ message: (event) => event.text() }),
    gateway: { authorize },
  });
  await using bystander = await cluster.connect(cluster.gateway, "/bystander");

  for (const [index, name] of NAMES.entries()) {
    using client = await RawClient.dial(cluster.gateway.addr);
    await client.say(UPGRADE_REQUEST.replace("/room?id=7", `/${index}`));
    const answer = await client.hearUntil("\r\n\r\n");
    assertMatch(answer, /^HTTP\/1\.1 500 /, name);
    assertEquals(/Evil|today|trapped/.test(answer), false, name);
  }

  bystander.send("still here?");
  assertEquals(await bystander.hear(), "still here?");
  const api = cluster.worker.cluster;
  assertEquals(await api.getAllClientIdCount(), 1);
  assertEquals(await api.getAllUidList(), ["bystander"]);
  assertEquals(await api.getAllGroupIdList(), []);
  assertEquals(cluster.gateway.workers, 1);
  const lines = log.lines.filter((line) => line.includes("authorize a client"));
  assertEquals(lines.length, log.lines.length, log.lines.join("\n"));
});

Deno.test("what is wrong with a grant is logged once, with what was found and never what it says", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({
    handler: () => {},
    gateway: {
      authorize: ({ query }) => accept({ uid: query.get("u") + "\ud800" }),
    },
  });

  for (const secret of ["hunter2", "hunter3", "hunter4"]) {
    using client = await RawClient.dial(cluster.gateway.addr);
    await client.say(UPGRADE_REQUEST.replace("id=7", `u=${secret}`));
    assertMatch(text(await client.hearAll()), /^HTTP\/1\.1 500 /);
  }

  assertEquals(log.lines, [
    "Cannot authorize a client, answered 500: TypeError: Cannot let a client in as uid must be a text of 1 to 1024 characters: found a text that is not well-formed (0 like this before)",
  ]);
});

Deno.test("what authorize throws is logged once for each place, whatever it says", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({
    handler: () => {},
    gateway: {
      authorize: ({ query }) =>
        accept({ uid: JSON.parse(query.get("u") ?? "") }),
    },
  });

  for (const secret of ["hunter2", "hunter3", "hunter4"]) {
    using client = await RawClient.dial(cluster.gateway.addr);
    await client.say(UPGRADE_REQUEST.replace("id=7", `u=${secret}`));
    assertMatch(text(await client.hearAll()), /^HTTP\/1\.1 500 /);
  }

  assertEquals(log.lines.length, 1);
  assertMatch(
    log.lines[0] ?? "",
    /^Cannot authorize a client, answered 500: SyntaxError at .*authorize_junk_test\.ts:\d+:\d+/,
  );
  assertEquals(log.text.includes("hunter"), false);
});

Deno.test("a refusal has each of its headers once, and may have a type of its own", async () => {
  await using cluster = await startCluster({
    handler: () => {},
    gateway: {
      authorize: () =>
        refuse(401, '{"error":"who?"}', { "content-type": "application/json" }),
    },
  });
  using client = await RawClient.dial(cluster.gateway.addr);
  await client.say(UPGRADE_REQUEST);

  const answer = text(await client.hearAll());

  assertMatch(answer, /^HTTP\/1\.1 401 Unauthorized\r\n/);
  assertEquals(answer.match(/content-type: .*/gi), [
    "content-type: application/json",
  ]);
  assertMatch(answer, /\r\n\r\n{"error":"who\?"}$/);
});
