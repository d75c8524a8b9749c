import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { check, checkForeign } from "../../../lib/contract/check.ts";
import { contract } from "../../../lib/contract/contract.ts";
import { ContractError } from "../../../lib/contract/contract_error.ts";
import { typed } from "../../../lib/contract/typed.ts";
import type { StandardSchema } from "../../../lib/contract/standard_schema.ts";

/** The same schema, of three libraries. */
const SCHEMAS: Readonly<Record<string, StandardSchema>> = {
  zod: z.object({ list: z.array(z.object({ n: z.number() })) }),
  valibot: v.object({ list: v.array(v.object({ n: v.number() })) }),
  arktype: type({ list: type({ n: "number" }).array() }),
};

for (const [library, schema] of Object.entries(SCHEMAS)) {
  Deno.test(`check() takes schemas of ${library}, and says at which path a value is wrong`, () => {
    const good = { list: [{ n: 1 }, { n: 2 }] };
    assertEquals(check(schema, good, "it"), good);

    const error = assertThrows(
      () => check(schema, { list: [{ n: 1 }, { n: "two" }] }, "it"),
      ContractError,
      "Cannot take it as it must match the contract at list.1.n: ",
    );
    assertEquals(error.code, "mismatch");
    assertEquals(error.issues[0]?.path, ["list", 1, "n"]);
  });
}

Deno.test("check() returns what the schema makes of a value, at once or later", async () => {
  const eager = z.string().transform((text) => text.length);
  const late = z.string().refine(async (text) => await text !== "no");

  assertEquals(check(eager, "four", "it"), 4);
  const checking = check(
    v.pipeAsync(v.string(), v.checkAsync(async (text) => await text !== "no")),
    "yes",
    "it",
  );
  assertInstanceOf(checking, Promise);
  assertEquals(await checking, "yes");
  await assertRejects(async () => await check(late, "no", "it"), ContractError);
});

Deno.test("check() takes what was left out, which travels as null", () => {
  assertEquals(check(z.string().optional(), null, "it"), undefined);
  assertEquals(check(z.string().nullable(), null, "it"), null);
  assertThrows(() => check(z.string(), null, "it"), ContractError);
});

Deno.test("check() tells ten issues at most, each in bounds", () => {
  const schema = z.array(z.string({ error: () => "x".repeat(1_000) }));

  const error = assertThrows(
    () => check(schema, Array.from({ length: 50 }, () => 1), "it"),
    ContractError,
  );

  assertEquals(error.issues.length, 10);
  assertEquals(error.issues[0]?.message.length, 300);
});

Deno.test("checkForeign() refuses what is nested too deep, or would change what an object is", () => {
  const deep = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
  const polluted = JSON.parse('{"a":[{"__proto__":{"admin":true}}]}');
  const anything = z.any();

  assertThrows(
    () => checkForeign(anything, deep, "it"),
    ContractError,
    "Nested deeper than 64",
  );
  assertThrows(
    () => checkForeign(anything, polluted, "it"),
    ContractError,
    'A key "__proto__"',
  );
  const bytes = new Uint8Array(1_000);
  assertEquals(checkForeign(anything, bytes, "it"), bytes);
});

Deno.test("contract() refuses what is no name and what is no schema", () => {
  const text = z.string();
  for (const name of ["", "two words", "x".repeat(129), "then"]) {
    assertThrows(
      () => contract({ calls: { [name]: {} } }),
      TypeError,
      "as a name must be 1 to 128 characters without blanks",
    );
  }
  assertThrows(
    () => contract({ events: { ["__proto__"]: text } }),
    TypeError,
    "as a name must be",
  );
  assertThrows(
    () => contract({ asks: { sure: { out: {} as StandardSchema } } }),
    TypeError,
    "Cannot have a contract with asks.sure.out as it must be a Standard Schema",
  );
});

Deno.test("typed() calls each listener of an event, and one that throws harms no other", async () => {
  const chat = contract({ events: { said: z.string() } });
  let tell: (data: unknown) => unknown = () => {};
  const socket = {
    request: () => Promise.resolve(),
    handle: (
      _name: string,
      answerer: (data: unknown, ask: never) => unknown,
    ) => {
      tell = (data) => answerer(data, undefined as never);
      return () => {};
    },
  };
  const { on } = typed(socket, chat);
  const heard: string[] = [];
  on.said((text) => heard.push(`one ${text}`));
  const stop = on.said((text) => heard.push(`two ${text}`));

  await tell("a");
  stop();
  await tell("b");

  assertEquals(heard, ["one a", "two a", "one b"]);
});

Deno.test("typed() without a contract has every name, and can be returned by an async function", async () => {
  const asked: unknown[] = [];
  const socket = {
    request: (name: string, data?: unknown) => {
      asked.push([name, data]);
      return Promise.resolve("done");
    },
    handle: () => () => {},
  };
  const chat = contract({ calls: { say: { in: z.string() } } });

  const { call } = await (async () => await typed<typeof chat>(socket))();
  await (async () => await call)();
  await call.say("hi");

  assertEquals(asked, [["say", "hi"]]);
});
