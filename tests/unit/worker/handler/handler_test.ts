import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type {
  Cluster,
  Handler,
  HandlerCallbacks,
  HandlerClient,
  HandlerEvent,
} from "../../../../mod.ts";
import {
  defineHandler,
  loadHandler,
} from "../../../../lib/worker/handler/handler.ts";

const CLUSTER = {} as Cluster;

function module(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

Deno.test("defineHandler() calls the function of each event, and returns what it returns", () => {
  const types = [
    "start",
    "connect",
    "message",
    "close",
    "slow",
    "stop",
  ] as const;
  const told: string[] = [];
  const handler = defineHandler(
    Object.fromEntries(
      types.map((type) => [type, (event: HandlerEvent) => {
        told.push(event.type);
        return `answer to ${type}`;
      }]),
    ),
  );

  for (const type of types) {
    const answer = handler({ type } as HandlerEvent, CLUSTER);
    assertEquals(answer, `answer to ${type}`);
  }

  assertEquals(told, [...types]);
});

Deno.test("defineHandler() does nothing for events without a function", () => {
  const handler = defineHandler({});

  for (const type of ["start", "connect", "message", "close", "stop"]) {
    assertEquals(handler({ type } as HandlerEvent, CLUSTER), undefined);
  }
});

Deno.test("Handler has a type error for what is no message", () => {
  const client = {} as HandlerClient;
  const fine: Handler[] = [
    () => {},
    () => "text",
    async () => await Promise.resolve(),
    async () => await Promise.resolve(Uint8Array.of(1)),
    () => client.joinGroup("lobby"),
    async ({ type }) => {
      if (type === "connect") return "welcome";
      await Promise.resolve();
      return undefined;
    },
  ];
  const wrong: Handler[] = [
    // @ts-expect-error an object is no message
    () => ({ a: 1 }),
    // @ts-expect-error nor is it later
    async () => await Promise.resolve({ a: 1 }),
    // @ts-expect-error nor is a number
    () => 1,
    // @ts-expect-error nor is a list
    () => ["a"],
  ];
  const callbacks: HandlerCallbacks[] = [
    { connect: () => "welcome" },
    // @ts-expect-error nor is it as a callback's
    { connect: () => ({ a: 1 }) },
    // @ts-expect-error nor is it as a callback's, later
    { message: (_, cluster) => cluster.getAllClientIdCount() },
  ];

  assertEquals(fine.length + wrong.length + callbacks.length, 13);
});

Deno.test("loadHandler() returns a module's default function", async () => {
  const handler = await loadHandler(module("export default () => 'hi'"));

  assertEquals(handler({ type: "start" }, CLUSTER), "hi");
});

for (
  const [what, source, found] of [
    ["exports nothing as default", "export const a = 1", "no default export"],
    ["exports an object as default", "export default {}", "found object"],
    ["throws", "throw new RangeError('boom')", "boom"],
    ["is no program", "export default (", "Cannot load handler"],
  ] as const
) {
  Deno.test(`loadHandler() rejects a module that ${what}, and names it`, async () => {
    const url = module(source);

    const error = await assertRejects(() => loadHandler(url), TypeError, found);

    assertStringIncludes(error.message, url);
  });
}

Deno.test("loadHandler() rejects a file that is not there, and names it", async () => {
  const url = new URL("./no_such_handler.ts", import.meta.url).href;

  await assertRejects(() => loadHandler(url), TypeError, url);
});
