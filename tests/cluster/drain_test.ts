/** Clients are sent away by order of another terminal, through real processes. @module */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { connect } from "@gatewayworker/core/client";
import {
  clientUrl,
  handlerPath,
  registerAddress,
  runCommand,
  startAllAt,
} from "../_support/commands.ts";
import { getAvailablePorts } from "../_support/processes.ts";
import { TestClient } from "../_support/test_client.ts";

Deno.test("drain sends the clients of all gateways away, says how it went, and the log says who wanted it", async () => {
  const dir = await Deno.makeTempDir();
  await using process = startAllAt(registerAddress(), handlerPath("lively"), [
    `--runtime-dir=${dir}`,
    "--stop-delay=0",
    "--close-timeout=1",
  ]);
  const url = await clientUrl(process);
  const clients = await Promise.all(
    Array.from({ length: 5 }, () => TestClient.connect(url)),
  );
  const ordered = (...args: string[]) =>
    runCommand([args[0] ?? "", `--runtime-dir=${dir}`, ...args.slice(1)]);

  const rebalanced = await ordered("rebalance", "--share=40%", "--rate=100/s");
  const drained = await ordered("drain", "--rate=100/s");
  for (const { closed } of clients) assertEquals((await closed).code, 1001);
  const wrong = await ordered("rebalance", "--share=0%");

  assertEquals([rebalanced.code, drained.code], [0, 0]);
  assertStringIncludes(
    rebalanced.out.join("\n"),
    "2 clients were told to go, 0 of them are here",
  );
  assertStringIncludes(
    drained.out.join("\n"),
    "3 clients were told to go, 0 of them are here",
  );
  const [line = ""] = await process.errorLines(/Sends 3 clients away/, 1);
  assertMatch(line, /100 a second, as \S+.* \(pid \d+\) wants/);
  assertEquals(wrong.code, 2);
  assertStringIncludes(
    wrong.errors.join("\n"),
    "it must be more than 0% and up to 100%, such as 20%",
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("reload --gateways replaces the gateways of a port one after another, and a client of the library is never without one", async () => {
  const dir = await Deno.makeTempDir();
  const startPort = getAvailablePorts(4);
  const listen = `ws://127.0.0.1:${getAvailablePorts(1)}`;
  await using process = startAllAt(registerAddress(), handlerPath("lively"), [
    `--runtime-dir=${dir}`,
    "--gateways=2",
    "--workers=1",
    `--listen=${listen}`,
    `--start-port=${startPort}`,
    "--drain-rate=50/s",
    "--close-timeout=4",
  ]);
  const url = await clientUrl(process);
  const socket = connect(url);
  const states: string[] = [];
  socket.on("state", (state) => states.push(state));
  await socket.send("before");

  const { code, out } = await runCommand([
    "reload",
    "--gateways",
    `--runtime-dir=${dir}`,
  ]);
  await socket.send("after");
  socket.close();

  assertEquals(code, 0);
  assertEquals(
    out.filter((line) => line.startsWith("Replaced gateway")).length,
    2,
  );
  assert(!states.includes("away"), states.join());
  const ready = process.out.filter((line) => line.startsWith("Gateway ready"));
  const ports = ready.map((line) => /workers on \S+:(\d+)/.exec(line)?.[1]);
  assertEquals(
    ports.toSorted(),
    [0, 1, 2, 3].map((i) => String(startPort + i)).toSorted(),
  );
  await process.errorLines(
    /Reloading the gateways, one after another, as \S+.* wants/,
    1,
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("drain names a gateway that is killed meanwhile, with its clients that had not been told, and fails", async () => {
  const dir = await Deno.makeTempDir();
  await using process = startAllAt(registerAddress(), handlerPath("lively"), [
    `--runtime-dir=${dir}`,
    "--gateways=1",
    "--workers=1",
    "--stop-delay=0",
    `--listen=ws://127.0.0.1:${getAvailablePorts(1)}`,
  ]);
  const url = await clientUrl(process);
  const clients = await Promise.all(
    Array.from({ length: 20 }, () => TestClient.connect(url)),
  );
  const status = await runCommand([
    "status",
    "--json",
    `--runtime-dir=${dir}`,
  ]);
  const { pid } = JSON.parse(status.out.join("\n")).gateways[0];

  // The last one's turn is 19 seconds away.
  const drain = runCommand(["drain", "--rate=1/s", `--runtime-dir=${dir}`]);
  await Promise.any(clients.map(({ closed }) => closed));
  Deno.kill(pid, "SIGKILL");
  const { code, errors } = await drain;

  assertEquals(code, 1);
  assertMatch(
    errors.join("\n"),
    new RegExp(
      `gateway 0 \\(pid ${pid}\\) ended meanwhile, with [1-9][0-9]* clients`,
    ),
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a gateway that dies after a drain is followed by one that lets nobody in, until the drain is taken back", async () => {
  const dir = await Deno.makeTempDir();
  await using process = startAllAt(registerAddress(), handlerPath("lively"), [
    `--runtime-dir=${dir}`,
    "--workers=1",
    "--stop-delay=0",
    "--close-timeout=1",
    `--listen=ws://127.0.0.1:${getAvailablePorts(1)}`,
  ]);
  const url = await clientUrl(process);
  const ordered = (...args: string[]) =>
    runCommand([args[0] ?? "", `--runtime-dir=${dir}`, ...args.slice(1)]);
  const pidOf = async () => {
    const { out } = await ordered("status", "--json");
    const { gateways } = JSON.parse(out.join("\n"));
    return gateways[0]?.pid as number | undefined;
  };
  const statusAt = async () => {
    const answer = await fetch(`${url.replace("ws:", "http:")}/readyz`);
    await answer.body?.cancel();
    return answer.status;
  };
  const { code } = await ordered("drain", "--rate=100/s");
  assertEquals([code, await statusAt()], [0, 503]);
  const before = await pidOf();
  assert(before !== undefined);

  Deno.kill(before, "SIGKILL");
  await process.errorLines(/A gateway has come after .* had clients/, 1);
  await process.errorLines(/Sends 0 clients away/, 2);
  assertEquals(await statusAt(), 503);
  await assertRejects(() => TestClient.connect(url));

  const cancelled = await ordered("drain", "--cancel");
  assertEquals(cancelled.code, 0);
  assertStringIncludes(cancelled.out.join("\n"), "others are let in again");
  assertEquals(await statusAt(), 200);
  const client = await TestClient.connect(url);
  await client.close();
  await Deno.remove(dir, { recursive: true });
});
