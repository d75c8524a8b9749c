/**
 * A contract over real sockets: calls, events and asks are checked on the worker, in
 * both directions, and nothing that is sent shows in a log.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as v from "valibot";
import { z } from "zod";
import { answerCalls, defineHandler } from "../../../mod.ts";
import { CallError, type Client, connect } from "../../../lib/client/mod.ts";
import {
  contract,
  ContractError,
  typed,
  type TypedClient,
} from "../../../lib/contract/mod.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LastingClient } from "../../_support/lasting_client.ts";
import { LogLines } from "../../_support/log_lines.ts";

const chat = contract({
  calls: {
    say: {
      in: z.object({ room: z.string().max(20), text: z.string().trim() }),
      out: z.object({ id: z.string(), length: z.number().max(1_000) }),
    },
    // Asynchronous, as one that asks a database.
    rename: {
      in: v.pipeAsync(
        v.string(),
        v.checkAsync(async (name) => await name !== "root", "Taken"),
      ),
    },
    scores: { in: z.looseObject({}), out: z.record(z.string(), z.number()) },
    deny: { in: z.string().optional() },
  },
  events: { said: z.object({ text: z.string(), by: z.string().default("?") }) },
  asks: {
    confirm: { in: z.string(), out: z.boolean() },
    parse: { out: z.string().transform((text) => text.length) },
  },
});

const seen: unknown[] = [];

/** A new one for each test, as it logs a cause once a minute. */
const handlerOf = () =>
  defineHandler({
    request: answerCalls(chat, {
      say: async ({ room, text }, { client }, cluster) => {
        await client.joinGroup(room);
        // @ts-expect-error -- what JavaScript would let through
        const wrong: number = text === "wrong" ? "much" : text.length;
        await cluster.notify(chat).group(room).said({ text });
        return { id: client.id, length: wrong, secret: "is stripped" };
      },
      rename: async (name, { client }) => {
        await client.bindUid(name);
      },
      scores: (scores) => {
        seen.push(scores);
        return scores as Record<string, number>;
      },
      deny: (why) => {
        throw new CallError("not-allowed", { why: why ?? "because" });
      },
    }),
  });

type Chat = TypedClient<typeof chat>;

class Visitor implements Disposable {
  readonly client: Client;
  readonly chat: Chat;

  constructor(cluster: TestCluster, options: { check?: boolean } = {}) {
    this.client = connect(`ws://127.0.0.1:${cluster.gateway.addr.port}`);
    this.chat = typed(this.client, chat, options);
  }

  [Symbol.dispose](): void {
    this.client.close();
  }
}

function start(): Promise<TestCluster> {
  return startCluster({ handler: handlerOf(), gateway: { resume: {} } });
}

Deno.test("a call of a contract is answered, and its event reaches those who listen", async () => {
  await using cluster = await start();
  using ann = new Visitor(cluster, { check: true });
  const heard: unknown[] = [];
  ann.chat.on.said((event) => heard.push(event));

  const answer = await ann.chat.call.say({ room: "lobby", text: " hi " });

  assertEquals(Object.keys(answer), ["id", "length"]);
  assertEquals(answer.length, 2);
  await eventually("it hears itself", () => heard.length === 1);
  assertEquals(heard, [{ text: "hi", by: "?" }]);
  const denied = await assertRejects(() => ann.chat.call.deny(), CallError);
  assertEquals([denied.code, denied.data], ["not-allowed", { why: "because" }]);
});

Deno.test("a call that does not match is refused with the path, before its handler runs", async () => {
  await using cluster = await start();
  using ann = new Visitor(cluster);
  const { say } = ann.chat.call;

  const error = await assertRejects(
    () => say({ room: "x".repeat(21), text: "hi" }),
    ContractError,
    'Cannot take data of call "say" as it must match the contract at room: ',
  );

  assertEquals([error.code, error.issues.length], ["mismatch", 1]);
  await assertRejects(() => say({ room: "lobby" } as never), ContractError);
  // The connection lives on.
  await say({ room: "lobby", text: "hi" });
});

Deno.test("an asynchronous schema is waited for, and keeps its client's order", async () => {
  await using cluster = await start();
  using ann = new Visitor(cluster);
  const { rename, say } = ann.chat.call;

  const [renamed, said] = await Promise.all([
    rename("ann"),
    say({ room: "lobby", text: "hi" }),
  ]);

  assertEquals([renamed, said.length], [null, 2] as never);
  const error = await assertRejects(() => rename("root"), ContractError);
  assertEquals(error.issues, [{ path: [], message: "Taken" }]);
});

Deno.test("with check, a client finds what is wrong before anything leaves", async () => {
  await using cluster = await start();
  using ann = new Visitor(cluster, { check: true });
  await eventually("it is open", () => ann.client.state === "open");

  await assertRejects(
    () => ann.chat.call.say({ room: "lobby", text: 1 } as never),
    ContractError,
  );

  assertEquals(ann.client.bufferedAmount, 0);
});

Deno.test("an answer of the handler that does not match fails the call, and no log shows what was said", async () => {
  await using logs = await LogLines.collect();
  await using cluster = await start();
  using ann = new Visitor(cluster);

  const failed = await assertRejects(
    () => ann.chat.call.say({ room: "lobby", text: "wrong" }),
    CallError,
  );
  assertEquals([failed.code, failed.data], ["failed", null]);
  await assertRejects(() => ann.chat.call.scores({ "the secret": "of Ann" }));
  await assertRejects(() =>
    ann.chat.call.say({ room: "the secret", text: 1 } as never)
  );

  const lines = logs.lines.map((line) => line.replace(/[0-9a-f]{20}/, "ID"));
  assertEquals(lines, [
    'Answer to call say of client ID does not match the contract, at "length": told it that the call failed (0 like this before)',
    'Answer to call scores of client ID does not match the contract, at "?": told it that the call failed (0 like this before)',
    "Refused call say of client ID: its data does not match the contract (0 like this before)",
  ]);
  assert(!/secret|of Ann|much/.test(logs.text), logs.text);
});

Deno.test("hostile names and payloads are refused, and change nothing", async () => {
  await using logs = await LogLines.collect();
  await using cluster = await start();
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  const deep = "[".repeat(50_000) + "]".repeat(50_000);
  seen.length = 0;

  await client.say(
    "q1 __proto__\n{}",
    "q2 constructor\n{}",
    "q3 toString\n{}",
    'q4 scores\n{"__proto__":{"admin":1}}',
    `q5 scores\n{"a":${deep}}`,
    "q6 say\n{the secret",
    'q7 scores\n{"constructor":1,"hasOwnProperty":2}',
  );

  const issue = (id: number, message: string) =>
    `e${id} mismatch\n${JSON.stringify({ issues: [{ path: [], message }] })}`;
  await client.expect(
    "e1 unknown\nnull",
    "e2 unknown\nnull",
    "e3 unknown\nnull",
    issue(4, 'A key "__proto__"'),
    issue(5, "Nested deeper than 64"),
    issue(6, "Not JSON"),
    'r7\n{"constructor":1,"hasOwnProperty":2}',
  );
  assertEquals(({} as Record<string, unknown>)["admin"], undefined);
  assertEquals(seen, [{ constructor: 1, hasOwnProperty: 2 }]);
  assert(!logs.text.includes("secret"), logs.text);
});

Deno.test("ask() by a contract returns what matches, and of each other client why not", async () => {
  await using cluster = await start();
  await using outside = await cluster.outside();
  using good = new Visitor(cluster);
  using wrong = new Visitor(cluster);
  using deaf = new Visitor(cluster);
  using mute = new Visitor(cluster);
  await using plain = await cluster.connect();
  const visitors = [good, wrong, deaf, mute];
  for (const [index, { chat }] of visitors.entries()) {
    await chat.call.rename(["good", "wrong", "deaf", "mute"][index] ?? "");
  }
  good.chat.answer.confirm((question) => question === "Sure?");
  wrong.chat.answer.confirm((() => "yes") as never);
  mute.chat.answer.confirm(() => new Promise<boolean>(() => {}));
  const [id] = await outside.getClientIdByUid("good");

  const { results, missing } = await outside.ask(chat).all()
    .confirm("Sure?", { timeout: 300 });

  assertEquals(results, [{ clientId: id ?? "", value: true }]);
  const why = new Map<string, string>();
  for (const { clientId, code } of missing) {
    why.set(await outside.getUidByClientId(clientId) ?? "plain", code);
  }
  assertEquals(Object.fromEntries(why), {
    wrong: "mismatch",
    deaf: "unknown",
    mute: "timeout",
    plain: "plain",
  });
  void plain;
  const nobody = await outside.ask(chat).client(
    id?.replace(/.{8}$/, "ffffffff") ?? "",
  )
    .confirm("Sure?");
  assertEquals(nobody.missing.map(({ code }) => code), ["gone"]);
  await assertRejects(
    () => outside.ask(chat).uid("good").confirm(1 as never),
    ContractError,
    'Cannot take data of ask "confirm"',
  );
  await assertRejects(
    () => outside.notify(chat).all().said({} as never),
    ContractError,
  );
});

Deno.test("ask() with first is done with the first answer that matches, on whichever gateway, and calls the others off", async () => {
  await using cluster = await startCluster({
    handler: handlerOf(),
    gateways: 2,
    gateway: { resume: {} },
  });
  await using outside = await cluster.outside();
  const visitors = cluster.gateways.flatMap(({ addr }) =>
    [0, 1].map(() => {
      const client = connect(`ws://127.0.0.1:${addr.port}`);
      return { client, chat: typed(client, chat) };
    })
  );
  using _ = {
    [Symbol.dispose]: () => visitors.forEach(({ client }) => client.close()),
  };
  for (const { chat } of visitors) await chat.call.rename("ann");
  const calledOff: number[] = [];
  const answerNow = Promise.withResolvers<string>();
  for (const [index, { chat }] of visitors.entries()) {
    chat.answer.parse((_none, { signal }) => {
      signal.addEventListener("abort", () => calledOff.push(index));
      // The first to answer says nonsense, which ends nothing.
      if (index === 0) return 1 as never;
      return index === 3 ? answerNow.promise : new Promise(() => {});
    });
  }

  const asked = outside.ask(chat).uid("ann").parse(undefined, {
    first: true,
    timeout: 60_000,
  });
  answerNow.resolve("four");
  const { results, missing } = await asked;

  assertEquals(results.map(({ value }) => value), [4]);
  assertEquals(missing.map(({ code }) => code).sort(), [
    "called-off",
    "called-off",
    "mismatch",
  ]);
  await eventually("they are told", () => calledOff.length === 2);
  assertEquals(calledOff.sort(), [1, 2]);
});
