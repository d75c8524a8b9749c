import {
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { defineHandler, type Session } from "../../../mod.ts";
import { gone, NOWHERE, startApiCluster } from "./_api_cluster.ts";

/** One of everything that a session can hold. */
const EVERYTHING: Session = {
  text: "tëxt",
  number: -1.5,
  large: 2 ** 40,
  nothing: null,
  absent: undefined,
  yes: true,
  date: new Date("2024-02-29T12:00:00.123Z"),
  bytes: Uint8Array.of(0, 1, 255),
  words: Uint16Array.of(1, 65_535),
  floats: Float64Array.of(0.1, -0.2),
  bigint: 2n ** 80n,
  map: new Map<unknown, unknown>([["a", { b: 1 }], [7, new Set([1, "2"])]]),
  set: new Set(["x", 2]),
  list: [1, [2, { three: 3 }]],
  object: { "": 1, constructor: "odd", a: { b: { c: new Date(0) } } },
};

Deno.test("setSession() replaces the session, whatever values CBOR carries", async () => {
  await using api = await startApiCluster();
  const [a, , c] = api.ids;
  for (const caller of api.callers) {
    for (const id of [a, c]) {
      assertEquals(await caller.setSession(id, { old: 1 }), true);
      assertEquals(await caller.setSession(id, EVERYTHING), true);
      assertEquals(await caller.getSession(id), EVERYTHING);
    }
    assertEquals(await caller.setSession(a, {}), true);
    assertEquals(await caller.getSession(a), {});
    assertEquals(await caller.setSession(gone(a), { x: 1 }), false);
    assertEquals(await caller.setSession(NOWHERE, { x: 1 }), false);
  }
});

Deno.test("getSession() tells an empty session from a client that is gone", async () => {
  await using api = await startApiCluster();
  const [a] = api.ids;
  for (const caller of api.callers) {
    assertEquals(await caller.getSession(a), {});
    assertStrictEquals(await caller.getSession(gone(a)), undefined);
    assertStrictEquals(await caller.getSession(NOWHERE), undefined);
  }
});

Deno.test("getSession() gives every caller a session of its own", async () => {
  await using api = await startApiCluster();
  const [a] = api.ids;
  await api.api.setSession(a, { bytes: Uint8Array.of(1) });

  const session = await api.api.getSession(a);
  (session?.["bytes"] as Uint8Array)[0] = 9;

  assertEquals(await api.api.getSession(a), { bytes: Uint8Array.of(1) });
});

Deno.test("updateSession() merges plain objects, and replaces everything else", async () => {
  await using api = await startApiCluster();
  const [, , c] = api.ids;
  for (const caller of api.callers) {
    await caller.setSession(c, { keep: 1, deep: { a: 1, b: 1 }, list: [1, 2] });

    assertEquals(
      await caller.updateSession(c, { deep: { b: 2 }, list: [3], new: true }),
      true,
    );
    assertEquals(await caller.updateSession(c, {}), true);

    assertEquals(await caller.getSession(c), {
      keep: 1,
      deep: { a: 1, b: 2 },
      list: [3],
      new: true,
    });
    assertEquals(await caller.updateSession(gone(c), { x: 1 }), false);
  }
});

Deno.test("updateSession() loses nothing while many change one session at the same time", async () => {
  await using api = await startApiCluster();
  const [a] = api.ids;
  const rounds = 100;
  const hammer = async (index: number) => {
    const caller = api.callers[index % api.callers.length] ?? api.api;
    for (let round = 1; round <= rounds; round++) {
      await caller.updateSession(a, {
        [`key${index}`]: round,
        shared: { [`${index}/${round % 10}`]: round },
      });
    }
  };

  await Promise.all(Array.from({ length: 6 }, (_, index) => hammer(index)));

  const session = await api.api.getSession(a) ?? {};
  for (let index = 0; index < 6; index++) {
    assertEquals(session[`key${index}`], rounds);
  }
  assertEquals(Object.keys(session["shared"] as Session).length, 60);
});

Deno.test("a handler's changes and updateSession() of two workers lose nothing of each other", async () => {
  await using api = await startApiCluster({
    handler: defineHandler({
      connect: ({ client }) => client.id,
      message: async (event) => {
        const { session } = event.client;
        session["handled"] = Number(session["handled"] ?? 0) + 1;
        await Promise.resolve();
        session[`mine${event.text()}`] = true;
        return "ok";
      },
    }),
  });
  const [{ client, id }] = api.clients;
  const [first, second] = api.callers;
  const rounds = 60;

  for (let round = 0; round < rounds; round++) client.send(String(round));
  await Promise.all(
    Array.from({ length: rounds }, async (_, round) => {
      await first.updateSession(id, { [`first${round}`]: true });
      await second.updateSession(id, { [`second${round}`]: true });
    }),
  );
  await client.hearAll(rounds);
  await api.roles.settled();

  const session = await second.getSession(id) ?? {};
  assertEquals(session["handled"], rounds);
  assertEquals(Object.keys(session).length, 1 + 3 * rounds);
});

Deno.test("setSession() and updateSession() name the key of a value that nothing can carry", async () => {
  await using api = await startApiCluster();
  const [a] = api.ids;
  await api.api.setSession(a, { before: 1 });
  class User {}
  for (
    const [key, value, found] of [
      ["act", () => 1, "a function"],
      ["list", [1, Symbol("s")], "a symbol"],
      ["user", new User(), "an instance of User"],
      ["pattern", /x/, "an instance of RegExp"],
      ["later", Promise.resolve(), "an instance of Promise"],
      ["view", new DataView(new ArrayBuffer(1)), "an instance of DataView"],
    ] as const
  ) {
    for (const session of [{ [key]: value }, { fine: 1, [key]: value }]) {
      for (const caller of api.callers) {
        const set = () => void caller.setSession(a, session);
        const update = () => void caller.updateSession(a, session);
        for (const act of [set, update]) {
          assertThrows(
            act,
            TypeError,
            `Cannot store session as "${key}" must be a value that CBOR carries: found ${found}`,
          );
        }
      }
    }
  }
  assertThrows(
    () =>
      void api.api.setSession(a, { at: { deep: new Map([["x", () => 1]]) } }),
    TypeError,
    '"at.deep.x"',
  );
  assertThrows(
    () => void api.api.setSession(a, JSON.parse('{"a":{"__proto__":1}}')),
    TypeError,
    '"a.__proto__" must be under another name',
  );
  assertEquals(await api.api.getSession(a), { before: 1 });
});

Deno.test("setSession() and updateSession() reject what the gateway does not take, and keep what was there", async () => {
  await using api = await startApiCluster({ gateway: { maxSession: 100 } });
  const [a] = api.ids;
  await api.api.setSession(a, { a: "x".repeat(60) });

  await assertRejects(
    () => api.api.setSession(a, { a: "x".repeat(200) }),
    RangeError,
    "must be at most 100 bytes",
  );
  await assertRejects(
    () => api.api.updateSession(a, { b: "x".repeat(60) }),
    RangeError,
    "must be at most 100 bytes",
  );
  assertThrows(
    () => void api.api.setSession(a, { a: "x".repeat(2_000_000) }),
    RangeError,
    "must be at most 1048576 bytes",
  );

  assertEquals(await api.api.getSession(a), { a: "x".repeat(60) });
});
