/**
 * What a contract lets compile: each `@ts-expect-error` is a line that must not, and one
 * that does fails `deno check`.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import type { Cluster } from "../../../lib/cluster/cluster.ts";
import { contract } from "../../../lib/contract/contract.ts";
import { typed, type TypedSocket } from "../../../lib/contract/typed.ts";
import { answerCalls } from "../../../lib/worker/handler/answer_calls.ts";

const chat = contract({
  calls: {
    say: {
      in: z.object({ room: z.string(), text: z.string().default("…") }),
      out: z.object({ id: z.string() }),
    },
    count: { out: v.number() },
    leave: { in: type({ room: "string", "why?": "string" }) },
  },
  events: {
    said: v.object({ text: v.string(), at: v.date() }),
    closed: z.string().optional(),
  },
  asks: { confirm: { in: z.string(), out: z.stringbool() } },
});

/** Says that two types are the same: nothing can be given to it where they are not. */
type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends
  (<T>() => T extends Other ? 1 : 2) ? true : false;

function same<One, Other>(_isSame: Same<One, Other>): void {}

/** Is compiled, and never run: there is no client and no cluster. */
async function compile(socket: TypedSocket, cluster: Cluster): Promise<void> {
  const { call, on, answer } = typed(socket, chat);
  const said = await call.say({ room: "lobby", text: "hi" }, { timeout: 3 });
  same<typeof said, { id: string }>(true);
  // What has a default may be left out.
  await call.say({ room: "lobby" });
  same<Awaited<ReturnType<typeof call.count>>, number>(true);
  await call.leave({ room: "lobby" });
  on.said((event) => {
    // JSON has no word for a date.
    same<typeof event, { text: string; at: string }>(true);
  });
  on.closed((why) => same<typeof why, string | undefined>(true));
  answer.confirm((question) => question === "" ? "no" : "yes");
  // Without the contract as a value, the same types.
  await typed<typeof chat>(socket).call.say({ room: "lobby" });

  // @ts-expect-error -- no such call
  await call.shout({ room: "lobby", text: "hi" });
  // @ts-expect-error -- a field of another type
  await call.say({ room: "lobby", text: 1 });
  // @ts-expect-error -- a field is missing
  await call.say({ text: "hi" });
  // @ts-expect-error -- nothing where there must be data
  await call.say();
  // @ts-expect-error -- data where there is none
  await call.count(1);
  // @ts-expect-error -- the answer has no such field
  (await call.say({ room: "lobby" })).number;
  // @ts-expect-error -- no such event
  on.shouted(() => {});
  // @ts-expect-error -- the event has no such field
  on.said(({ by }) => by);
  // @ts-expect-error -- an answer of another type
  answer.confirm(() => 1);
  // @ts-expect-error -- no such ask
  answer.deny(() => "yes");
  // @ts-expect-error -- types alone know it, too
  await typed<typeof chat>(socket).call.shout();

  const { results, missing } = await cluster.ask(chat).uid("ann")
    .confirm("Sure?", { first: true, timeout: 100 });
  same<typeof results[number]["value"], boolean>(true);
  same<typeof missing[number]["code"], string>(true);
  await cluster.notify(chat).group("lobby").said({
    text: "hi",
    at: new Date(),
  });
  await cluster.notify(chat).all().closed();
  await cluster.ask({ uid: "ann" }, "confirm", "Sure?");

  // @ts-expect-error -- no such ask
  await cluster.ask(chat).uid("ann").deny("Sure?");
  // @ts-expect-error -- a question of another type
  await cluster.ask(chat).uid("ann").confirm(1);
  // @ts-expect-error -- events are told, not asked
  await cluster.ask(chat).uid("ann").said({ text: "hi", at: new Date() });
  // @ts-expect-error -- no such event
  await cluster.notify(chat).all().shouted();
  // @ts-expect-error -- a field is missing
  await cluster.notify(chat).all().said({ text: "hi" });
  // @ts-expect-error -- no such kind of recipient
  await cluster.notify(chat).room("lobby");

  answerCalls(chat, {
    say: ({ room, text }, { client }, cluster) => {
      same<typeof text, string>(true);
      same<typeof cluster, Cluster>(true);
      return { id: `${room} ${text} ${client.id}` };
    },
    count: async () => await 1,
    leave: ({ why }) => same<typeof why, string | undefined>(true),
  });
  answerCalls(chat, {
    // @ts-expect-error -- a result of another type
    say: () => ({ id: 1 }),
    // @ts-expect-error -- no result where there must be one
    count: () => {},
    leave: () => {},
  });
  // @ts-expect-error -- a call has no handler
  answerCalls(chat, { say: () => ({ id: "1" }), count: () => 1 });
  answerCalls(chat, {
    say: ({ room }) => ({ id: room }),
    count: () => 1,
    leave: () => {},
    // @ts-expect-error -- no such call
    shout: () => {},
  });
}

// @ts-expect-error -- a schema is no function of its own
const notOne = () => contract({ events: { said: (value: unknown) => value } });

Deno.test("a contract gives names, payloads and results their types", () => {
  assertEquals([typeof compile, typeof notOne], ["function", "function"]);
});
