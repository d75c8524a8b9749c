/** Orders and questions from another terminal, through real processes. @module */

import { CORE_FILES } from "../../lib/cli/world/core.ts";
import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  ask,
  clientUrl,
  handlerPath,
  registerAddress,
  runCommand,
  startAllAt,
} from "../_support/commands.ts";
import {
  allGone,
  getAvailablePorts,
  isRunning,
  pidIn,
  startCli,
  type TestProcess,
} from "../_support/processes.ts";
import { TestClient } from "../_support/test_client.ts";

/** A cluster of a test, and how to talk about it. */
class Subject implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly register = registerAddress();
  readonly dir = Deno.makeTempDirSync();

  start(handler: string, args: readonly string[] = []): TestProcess {
    return this.#stack.use(startAllAt(this.register, handler, [
      `--runtime-dir=${this.dir}`,
      ...args,
    ]));
  }

  /** A command about this machine. */
  local(command: string, ...args: string[]) {
    return runCommand([command, `--runtime-dir=${this.dir}`, ...args]);
  }

  /** A command about the cluster. */
  remote(command: string, ...args: string[]) {
    return runCommand([command, `--register=${this.register}`, ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** Asks again until the answer is as it should be: reports come once a second. */
async function untilTrue(check: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new RangeError("It never was as it should be");
}

function clientsOf(
  { gateways }: { gateways: readonly { clients: number }[] },
): number {
  return gateways.reduce((sum, { clients }) => sum + clients, 0);
}

Deno.test("status, connections and audit tell of two gateways and three workers, here and through the Register", async () => {
  await using subject = new Subject();
  const process = subject.start(handlerPath("lively"), [
    "--gateways=2",
    `--listen=ws://127.0.0.1:${getAvailablePorts(1)}`,
    "--workers=3",
  ]);
  const url = await clientUrl(process);
  const clients = await Promise.all(
    Array.from({ length: 12 }, () => TestClient.connect(url)),
  );
  for (const client of clients) client.send("hello");
  for (const client of clients) await client.hear();

  const local = JSON.parse(
    (await subject.local("status", "--json")).out.join(""),
  );
  await untilTrue(async () => {
    const { out } = await subject.remote("status", "--json");
    const remote = JSON.parse(out.join(""));
    return clientsOf(remote) === 12 && remote.workers.length === 3;
  });
  const [table, connections, remoteConnections, audit, remoteAudit] =
    await Promise.all([
      subject.local("status"),
      subject.local("connections", "--json"),
      subject.remote("connections", "--json", "--limit=5"),
      subject.local("audit"),
      subject.remote("audit", "--json"),
    ]);
  await using watching = startCli([
    "status",
    "--watch",
    "--interval=0.1",
    "--json",
    `--runtime-dir=${subject.dir}`,
  ]);
  const [, watched = ""] = await watching.lines(/^\{"registers"/, 2);
  assertEquals(clientsOf(JSON.parse(watched)), 12);
  watching.signal("SIGINT");
  assertEquals(await watching.code(), 0);
  for (const client of clients) await client.close();

  const { registers, gateways, workers } = local;
  assertEquals([registers.length, gateways.length, workers.length], [1, 2, 3]);
  assertEquals(clientsOf(local), 12);
  assert(gateways.every(({ clients }: { clients: number }) => clients > 0));
  const all = [...registers, ...gateways, ...workers];
  assertEquals(new Set(all.map(({ id }) => id)).size, 6);
  for (const { id, name, address, pid, uptime, state } of all) {
    assert(id && name && address !== undefined, JSON.stringify(all));
    assert(isRunning(pid) && uptime >= 0 && state === "ready");
  }
  const text = table.out.join("\n");
  assertStringIncludes(text, "1 Register, 2 gateways, 3 workers: 12 clients");
  assertStringIncludes(text, String(gateways[0].pid));
  assertEquals(JSON.parse(connections.out.join("")).total, 12);
  const some = JSON.parse(remoteConnections.out.join(""));
  assertEquals([some.total, some.rows.length], [12, 5]);
  assertMatch(some.rows[0].id, /^[0-9a-f]{20}$/);
  assertMatch(some.rows[0].remoteAddress, /^127\.0\.0\.1:\d+$/);
  assertEquals([audit.code, remoteAudit.code], [0, 0]);
  assertStringIncludes(audit.out.join("\n"), ": holds");
  assertGreater(
    JSON.parse(remoteAudit.out.join("")).gateways.at(-1).ledger.accepted,
    23,
  );
});

Deno.test("reload replaces every worker by freshly loaded code and no client leaves", async () => {
  await using subject = new Subject();
  const handler = `${subject.dir}/handler.ts`;
  const write = (word: string) =>
    Deno.writeTextFile(
      handler,
      `export default (event) => event.type === "message" ? "${word}" : undefined;`,
    );
  await write("old");
  const process = subject.start(handler, ["--workers=2"]);
  await using client = await TestClient.connect(await clientUrl(process));
  client.send("?");
  const before = await client.hear();
  const old = (await process.lines(/^Worker ready/, 2)).map(pidIn);

  await write("new");
  const { code, out } = await subject.local("reload");
  client.send("?");
  const after = await client.hear();

  assertEquals([before, after, code], ["old", "new", 0]);
  assertMatch(out.join("\n"), /Replaced worker 0: pid \d+ by \d+/);
  assertMatch(out.join("\n"), /Replaced worker 1: pid \d+ by \d+/);
  assertEquals(old.some(isRunning), false);
});

Deno.test("reload ends at a handler that cannot be loaded: exit code 1, and the old workers go on", async () => {
  await using subject = new Subject();
  const handler = `${subject.dir}/handler.ts`;
  await Deno.copyFile(handlerPath("lively"), handler);
  const text = await Deno.readTextFile(handler);
  const root = new URL("../../", import.meta.url).href;
  await Deno.writeTextFile(handler, text.replaceAll("../../../", root));
  const process = subject.start(handler, ["--workers=2"]);
  const url = await clientUrl(process);
  const old = (await process.lines(/^Worker ready/, 2)).map(pidIn);

  await Deno.writeTextFile(handler, "throw new RangeError('no good');");
  const { code, errors } = await subject.local("reload");

  assertEquals(code, 1);
  assertEquals(errors.length, 1);
  assertStringIncludes(errors[0] ?? "", "no good");
  assertStringIncludes(errors[0] ?? "", "the old worker 0 goes on");
  assert(old.every(isRunning));
  assert(old.map((pid) => `pid ${pid}`).includes(await ask(url)));
});

Deno.test("stop stops all and ends when all of it is gone", async () => {
  await using subject = new Subject();
  const process = subject.start(handlerPath("lively"), ["--workers=1"]);
  await clientUrl(process);
  const pids = process.out.filter((line) => /\(pid \d+\)/.test(line)).map(
    pidIn,
  );

  const { code, out } = await subject.local("stop");

  assertEquals([code, out], [0, [`Stopped start (pid ${process.pid})`]]);
  assertEquals(await process.code(), 0);
  assertEquals(pids.filter(isRunning), []);
});

Deno.test("stop --now does not wait for a handler that never ends", async () => {
  await using subject = new Subject();
  const process = subject.start(handlerPath("stubborn"), ["--workers=1"]);
  await clientUrl(process);

  const { code } = await subject.local("stop", "--now");

  assertEquals(code, 0);
  await allGone([process.pid]);
});

for (const command of ["status", "connections", "audit", "reload", "stop"]) {
  Deno.test(`${command} says in one line that nothing runs, with exit code 1`, async () => {
    await using subject = new Subject();

    const { code, out, errors } = await subject.local(command);

    assertEquals([code, out, errors.length], [1, [], 1]);
    assertStringIncludes(errors[0] ?? "", "Nothing runs here");
    assertStringIncludes(errors[0] ?? "", subject.dir);
  });
}

Deno.test("status says in one line that no Register answers, with exit code 1", async () => {
  await using subject = new Subject();

  const { code, errors } = await subject.remote("status");

  assertEquals([code, errors.length], [1, 1]);
  assertStringIncludes(errors[0] ?? "", `Register ${subject.register}`);
});

Deno.test("start says that it already runs, and clears away what a killed one left", async () => {
  await using subject = new Subject();
  const first = subject.start(handlerPath("lively"), ["--workers=1"]);
  await clientUrl(first);
  const second = subject.start(handlerPath("lively"), ["--workers=1"]);

  assertEquals(await second.code(), 1);
  assertEquals(second.errors.length, 1);
  assertStringIncludes(
    second.errors[0] ?? "",
    `it already runs (pid ${first.pid})`,
  );

  const pids = first.out.filter((line) => /\(pid \d+\)/.test(line)).map(pidIn);
  first.signal("SIGKILL");
  await allGone(pids);
  const third = subject.start(handlerPath("lively"), ["--workers=1"]);
  assertMatch(await clientUrl(third), /^ws:/);
});

Deno.test("a killed supervisor takes a worker with it that blocks its event loop", async () => {
  await using subject = new Subject();
  const process = subject.start(handlerPath("blocking"), [
    "--workers=1",
    "--stop-timeout=1",
  ]);
  const url = await clientUrl(process);
  const socket = new WebSocket(url);
  await new Promise((resolve) => socket.onopen = resolve);
  socket.send("block");
  const pids = process.out.filter((line) => /\(pid \d+\)/.test(line)).map(
    pidIn,
  );

  const closed = new Promise((resolve) => socket.onclose = resolve);
  process.signal("SIGKILL");
  await allGone(pids);
  await closed;

  assertEquals(pids.length, 3);
});

Deno.test("a message that kills its worker is set aside in the end, and its client goes on", async () => {
  await using subject = new Subject();
  const process = subject.start(handlerPath("mortal"), ["--workers=1"]);
  await using client = await TestClient.connect(await clientUrl(process));

  client.send("die");
  client.send("live");
  const answer = await client.hear();
  const [line = ""] = await process.errorLines(/keeps ending, 3 times/, 1);
  const { out } = await subject.local("audit", "--json");

  assertEquals(answer, "live");
  assertMatch(line, /worker 0 \(pid \d+\) .*exited with code 9/);
  assertEquals(JSON.parse(out.join("")).gateways.at(-1).ledger.poisoned, 1);
});

Deno.test("worker alone is replaced by freshly loaded code at SIGHUP", async () => {
  await using subject = new Subject();
  const listen = `--listen=${subject.register}`;
  await using _register = startCli(["register", listen]);
  await using process = startCli([
    "worker",
    handlerPath("lively"),
    `--register=${subject.register}`,
    `--runtime-dir=${subject.dir}`,
  ]);
  const first = pidIn(await process.line(/^Worker ready/));
  await process.line(/^All ready/);

  process.signal("SIGHUP");
  const [, second = ""] = await process.lines(/^Worker ready/, 2);
  await process.errorLines(/Reloaded the workers/, 1);

  assert(pidIn(second) !== first && !isRunning(first));
});

Deno.test("start gives gateways and the Register no permission but the network, and workers what it is told", async () => {
  await using subject = new Subject();
  const process = subject.start(handlerPath("lively"), [
    "--workers=1",
    "--worker-permissions=--allow-net=127.0.0.1",
  ]);
  const url = await clientUrl(process);
  const commandOf = async (role: string) => {
    const line = await process.line(new RegExp(`^${role} ready`));
    const text = await Deno.readTextFile(`/proc/${pidIn(line)}/cmdline`);
    return text.split("\0").filter((word) =>
      /^(-A|--allow|--no-prompt)/.test(word)
    );
  };

  const [register, gateway, worker] = await Promise.all(
    ["Register", "Gateway", "Worker"].map(commandOf),
  );

  const env = "--allow-env=GATEWAYWORKER_SECRET_KEY";
  assertEquals(register, ["--no-prompt", "--allow-net", env]);
  assertEquals(gateway, ["--no-prompt", "--allow-net", env]);
  assertEquals(worker, [
    "--no-prompt",
    "--allow-net=127.0.0.1",
    env,
    // This package itself lies where the handler's world may have it be imported.
    `--allow-read=${[handlerPath("lively"), ...CORE_FILES].join(",")}`,
  ]);
  assertMatch(await ask(url), /^pid \d+$/);
});

Deno.test("/readyz turns red when a stop begins, while clients are still served", async () => {
  await using subject = new Subject();
  const admin = `127.0.0.1:${getAvailablePorts(1)}`;
  const process = subject.start(handlerPath("lively"), [
    "--workers=1",
    `--admin=${admin}`,
    "--stop-delay=2",
  ]);
  const readyz = async (address = admin) => {
    const response = await fetch(`http://${address}/readyz`);
    await response.body?.cancel();
    return response.status;
  };
  const url = await clientUrl(process);
  const { host: port } = new URL(url);
  await using client = await TestClient.connect(url);
  await untilTrue(async () => await readyz() === 200);
  assertEquals(await readyz(port), 200);

  process.signal("SIGTERM");
  await untilTrue(async () => await readyz() === 503);
  await untilTrue(async () => await readyz(port) === 503);
  client.send("hello");
  const answer = await client.hear();
  const { code } = await client.closed;

  assertMatch(String(answer), /^pid/);
  assertEquals([code, await process.code()], [1001, 0]);
});
