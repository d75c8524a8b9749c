import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type ControlHandler,
  ControlServer,
  giveOrder,
  isAlive,
} from "../../../lib/process/control.ts";
import {
  RuntimeDir,
  RuntimeDirError,
} from "../../../lib/process/runtime_dir.ts";

/** A runtime directory of one test. */
class TestDir extends RuntimeDir implements Disposable {
  constructor() {
    super(`${Deno.makeTempDirSync()}/run`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path.replace(/\/run$/, ""), { recursive: true });
  }
}

const echo: ControlHandler = (order, say) => {
  say("working on it");
  if (order.order === "reload") throw new TypeError("Cannot reload: no");
  return order;
};

Deno.test("giveOrder() resolves with the result, and hears how it goes", async () => {
  using dir = new TestDir();
  await using _server = await ControlServer.open(dir, "start", echo);
  const said: string[] = [];

  const order = { order: "ask", question: { about: "it" } } as const;
  const result = await giveOrder(
    { dir, name: "start" },
    order,
    (line) => said.push(line),
  );

  assertEquals(result, order);
  assertEquals(said, ["working on it"]);
});

Deno.test("giveOrder() rejects with what went wrong", async () => {
  using dir = new TestDir();
  await using _server = await ControlServer.open(dir, "start", echo);

  await assertRejects(
    () =>
      giveOrder({ dir, name: "start" }, {
        order: "reload",
        gateways: false,
        by: "a test",
      }),
    RuntimeDirError,
    "Cannot reload: no",
  );
});

Deno.test("ControlServer hands on who wants clients to leave, how fast and how many, and shortens a long name", async () => {
  using dir = new TestDir();
  await using _server = await ControlServer.open(dir, "start", echo);
  const to = { dir, name: "start" };
  const order = { order: "drain", rate: 100, share: 0.2, by: "ann" } as const;

  assertEquals(await giveOrder(to, order), order);
  assertEquals(
    await giveOrder(to, { order: "drain", by: "x".repeat(1_000) }),
    { order: "drain", by: "x".repeat(128) },
  );
});

Deno.test("ControlServer refuses an order that it does not know", async () => {
  using dir = new TestDir();
  await using _server = await ControlServer.open(dir, "start", echo);
  using conn = await Deno.connect({
    transport: "unix",
    path: dir.socketPath("start"),
  });

  await conn.write(new TextEncoder().encode('{"order":"dance"}\n'));
  const answer = new Uint8Array(1_000);
  const count = await conn.read(answer);

  const text = new TextDecoder().decode(answer.subarray(0, count ?? 0));
  assertEquals(
    text,
    '{"error":"Cannot do \\"dance\\": there is no such order"}\n',
  );
});

Deno.test("ControlServer leaves a socket for its user only and a process id, and nothing in the end", async () => {
  using dir = new TestDir();
  const server = await ControlServer.open(dir, "start", echo);

  const { mode } = await Deno.stat(dir.socketPath("start"));
  assertEquals((mode ?? 0) & 0o777, 0o600);
  assertEquals([dir.names(), dir.pid("start")], [["start"], Deno.pid]);
  await server[Symbol.asyncDispose]();

  await assertRejects(() => Deno.stat(dir.path), Deno.errors.NotFound);
});

Deno.test("ControlServer leaves a folder alone that was there before", async () => {
  using dir = new TestDir();
  await Deno.mkdir(dir.path, { mode: 0o700 });
  const server = await ControlServer.open(dir, "start", echo);

  await server[Symbol.asyncDispose]();

  assertEquals(await Array.fromAsync(Deno.readDir(dir.path)), []);
});

Deno.test("ControlServer.open() rejects while somebody runs under that name, and takes the place of a dead one", async () => {
  using dir = new TestDir();
  const first = await ControlServer.open(dir, "start", echo);

  await assertRejects(
    () => ControlServer.open(dir, "start", echo),
    RuntimeDirError,
    `Cannot run "start" as it already runs (pid ${Deno.pid})`,
  );
  await first[Symbol.asyncDispose]();
  await Deno.writeTextFile(dir.socketPath("start"), "left by a dead one");
  await using _second = await ControlServer.open(dir, "start", echo);

  assert(await isAlive(dir, "start"));
});

Deno.test("isAlive() clears away what a dead process left", async () => {
  using dir = new TestDir();
  dir.create();
  await Deno.writeTextFile(dir.socketPath("start"), "");
  await Deno.writeTextFile(dir.pidPath("start"), "1\n");

  assertEquals(await isAlive(dir, "start"), false);

  assertEquals(await Array.fromAsync(Deno.readDir(dir.path)), []);
});

Deno.test("ControlServer.open() lets one of many win, and nobody removes the socket of another", async () => {
  using dir = new TestDir();
  dir.create();
  await Deno.writeTextFile(dir.socketPath("start"), "left by a dead one");

  const opened = await Promise.allSettled(
    Array.from({ length: 8 }, async (_, i) => {
      await isAlive(dir, "start");
      return await ControlServer.open(dir, "start", () => i);
    }),
  );
  const servers = opened.filter((each) => each.status === "fulfilled");
  const answer = await giveOrder({ dir, name: "start" }, {
    order: "ask",
    question: 0,
  });
  for (const { value } of servers) await value[Symbol.asyncDispose]();

  assertEquals(servers.length, 1);
  assertEquals(typeof answer, "number");
});

Deno.test("isAlive() leaves a socket alone of which it cannot tell", async () => {
  using dir = new TestDir();
  await using _server = await ControlServer.open(dir, "start", echo);
  const { length } = new TextEncoder().encode(dir.socketPath(""));
  const name = "x".repeat(200 - length);
  await Deno.writeTextFile(dir.socketPath(name), "");

  const isThere = await isAlive(dir, name);

  assertEquals([isThere, dir.names()], [true, ["start", name]]);
  dir.remove(name);
});

Deno.test("ControlServer ends while somebody waits for an answer that never comes", async () => {
  using dir = new TestDir();
  const asked = Promise.withResolvers<void>();
  const server = await ControlServer.open(dir, "start", () => {
    asked.resolve();
    return new Promise<never>(() => {});
  });
  const answer = giveOrder({ dir, name: "start" }, {
    order: "ask",
    question: 0,
  });
  await asked.promise;

  await server[Symbol.asyncDispose]();

  assertEquals(await answer, undefined);
});

Deno.test("RuntimeDir.create() rejects a folder that others may write to", async () => {
  using dir = new TestDir();
  dir.create();
  await Deno.chmod(dir.path, 0o777);

  const error = await assertRejects(
    () => Promise.try(() => dir.create()),
    RuntimeDirError,
  );

  assert(error.message.includes("only its user may write to it"));
});

Deno.test("RuntimeDir.create() rejects a folder whose sockets would have too long a path", async () => {
  const path = `${await Deno.makeTempDir()}/${"x".repeat(90)}`;

  await assertRejects(
    () => Promise.try(() => new RuntimeDir(path).create()),
    RuntimeDirError,
    "must be at most 100 bytes",
  );
  await Deno.remove(path, { recursive: true });
});

Deno.test("RuntimeDir.names() of a folder that is not there is nobody", () => {
  assertEquals(new RuntimeDir("/no/such/folder").names(), []);
});
