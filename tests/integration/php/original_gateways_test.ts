/**
 * Workers and clients of ours at gateways of the original, which are played here.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  BusinessWorker,
  GatewayClient,
  type Handler,
  PartialResultError,
} from "../../../mod.ts";
import { endsWithin } from "../../../lib/base/pause.ts";
import { encodePacket, PhpCommand } from "../../../lib/php/packet.ts";
import { gatewayIdOf } from "../../../lib/wire/bodies/client_id.ts";
import { parseAddress } from "../../../lib/base/address.ts";
import { eventually } from "../../_support/eventually.ts";
import type { FakeOriginal } from "../../_support/fake_original.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { ReplayStage } from "../../_support/original_stage.ts";

const encoder = new TextEncoder();

/** What a gateway of the original tells of a client that upgrades. */
const UPGRADE = 'a:3:{s:3:"get";a:0:{}s:6:"server";a:4:{' +
  's:11:"REQUEST_URI";s:11:"/room?a=1&b";s:11:"REMOTE_ADDR";s:5:"[::1]";' +
  's:11:"REMOTE_PORT";i:5000;s:11:"HTTP_X_NAME";s:3:"tom";}' +
  's:6:"cookie";a:0:{}}';

function event(
  command: number,
  connectionId: number,
  { body = "", session = "", flags = 1 } = {},
): Uint8Array {
  return encodePacket({
    command,
    connectionId,
    flags,
    gatewayPort: 8282,
    clientPort: 5000,
    extra: encoder.encode(session),
    body: encoder.encode(body),
  });
}

/** Starts a worker, and returns it with the only gateway, when that knows it. */
async function startWorker(
  stage: ReplayStage,
  handler: Handler,
): Promise<{ worker: BusinessWorker; gateway: FakeOriginal }> {
  const worker = await BusinessWorker.start({
    ...stage.options,
    handler,
    drainTimeout: 5_000,
  });
  const [gateway] = stage.gateways;
  await eventually("the worker is linked", () => worker.gateways > 0);
  assert(gateway);
  return { worker, gateway };
}

Deno.test("a client of an original gateway connects once, with its request, and closes once", async () => {
  await using stage = await ReplayStage.start(1, "php key");
  const seen: unknown[] = [];
  const { worker, gateway } = await startWorker(stage, (event) => {
    if (event.type === "connect") {
      const { path, query, headers } = event.request ?? {};
      const address = event.client.remoteAddress;
      seen.push([path, query?.get("a"), headers?.get("x-name"), address]);
    } else if (event.type === "message") {
      seen.push([event.text(), event.binary, event.client.session]);
    } else seen.push(event.type);
  });
  await using _worker = worker;
  await gateway.say(event(PhpCommand.OnConnect, 1));
  await gateway.say(
    event(PhpCommand.OnWebSocketConnect, 1, { body: UPGRADE, flags: 0 }),
  );
  const session = 'a:1:{s:1:"n";i:1;}';
  await gateway.say(event(PhpCommand.OnMessage, 1, { body: "hi", session }));
  await gateway.say(event(PhpCommand.OnClose, 1, { session }));
  await gateway.say(
    event(PhpCommand.OnWebSocketConnect, 1, { body: UPGRADE, flags: 0 }),
  );
  await eventually("it was closed", () => seen.includes("close"));
  assertEquals(seen, [
    "start",
    ["/room", "1", "tom", "[::1]:5000"],
    ["hi", false, { n: 1 }],
    "close",
  ]);
  const { body } = gateway.workerConnect ?? {};
  const said = JSON.parse(new TextDecoder().decode(body));
  assertEquals(said["secret_key"], "php key");
});

Deno.test("what a handler changes is stored with all that only PHP can read", async () => {
  await using stage = await ReplayStage.start(1, "");
  await using log = await LogLines.collect();
  const { worker, gateway } = await startWorker(stage, (event) => {
    if (event.type === "message") event.client.session["n"] = 2;
  });
  await using _worker = worker;
  const object = 's:1:"o";O:8:"stdClass":1:{s:1:"a";i:1;}';
  const session = `a:2:{s:1:"n";i:1;${object}}`;
  await gateway.say(event(PhpCommand.OnConnect, 1));
  await gateway.say(event(PhpCommand.OnMessage, 1, { body: "x", session }));
  const isSave = ({ command }: { command: number }) =>
    command === PhpCommand.SetSession;
  await eventually("it is stored", () => gateway.commands.some(isSave));
  const { extra } = gateway.commands.find(isSave) ?? {};
  assertEquals(
    new TextDecoder().decode(extra),
    `a:2:{s:1:"n";i:2;${object}}`,
  );
  assert(log.text.includes("what only PHP can read"), log.text);
});

Deno.test("a worker that stops handles all that an original gateway has sent", async () => {
  await using stage = await ReplayStage.start(1, "");
  const { worker, gateway } = await startWorker(
    stage,
    (event) => event.type === "message" ? `re:${event.text()}` : undefined,
  );
  await gateway.say(event(PhpCommand.OnConnect, 1));
  gateway.isSlow = true;
  const stopped = worker.shutdown();
  await gateway.left;
  await gateway.say(event(PhpCommand.OnMessage, 1, { body: "late" }));
  await gateway.hangUp();
  await stopped;
  const answers = gateway.commands
    .filter(({ command }) => command === PhpCommand.SendToOne)
    .map(({ body }) => new TextDecoder().decode(body));
  assertEquals(answers, ["re:late"]);
});

Deno.test("an original gateway that does not answer in time is named, with what others said", async () => {
  await using stage = await ReplayStage.start(2, "");
  await using cluster = await GatewayClient.connect({
    ...stage.options,
    queryTimeout: 200,
  });
  const [answering, silent] = stage.gateways;
  answering?.answers.set(PhpCommand.GetClientCountByGroup, "i:7;");
  if (silent !== undefined) silent.isSilent = true;
  const error = await assertRejects(
    () => cluster.getAllClientIdCount(),
    PartialResultError,
  );
  assertEquals(error.partial, 7);
  assertEquals(error.gateways, [silent?.address ?? ""]);
  silent?.cut();
});

Deno.test("an answer of an original gateway that is none ends its link, and no other", async () => {
  await using stage = await ReplayStage.start(2, "");
  await using log = await LogLines.collect();
  await using cluster = await GatewayClient.connect(stage.options);
  const [good, bad] = stage.gateways;
  good?.answers.set(PhpCommand.GetClientCountByGroup, "i:7;");
  for (const answer of ["x:1;", 's:9:"short";', "a:1:{i:0;i:1;", "i:1;i:2;"]) {
    bad?.answers.set(PhpCommand.GetClientCountByGroup, answer);
    await eventually(
      "it is linked",
      async () =>
        await cluster.isOnline(`${idOf(bad)}00000001`).catch(() => false),
    );
    const count = await cluster.getAllClientIdCount({ partial: true });
    assertEquals(count, 7);
  }
  assert(log.text.includes("Ended link with gateway"), log.text);
});

Deno.test("an original gateway that falls silent while it is linked to holds up no worker that stops", async () => {
  await using stage = await ReplayStage.start(1, "");
  const [gateway] = stage.gateways;
  if (gateway !== undefined) gateway.silencedBy = PhpCommand.Select;
  const worker = await BusinessWorker.start({
    ...stage.options,
    handler: () => {},
  });
  const isAsked = () =>
    gateway?.commands.some(({ command }) => command === PhpCommand.Select) ??
      false;
  await eventually("it was asked", isAsked);
  const isOver = await endsWithin(worker.shutdown(), 5_000);
  gateway?.cut();
  assert(isOver, "the worker waits for the gateway");
});

Deno.test("a gateway that is not named as an original is shown no key", async () => {
  const more = { instance: "as if it were ours" };
  await using stage = await ReplayStage.start(1, "php key", more);
  await using cluster = await GatewayClient.connect({
    ...stage.options,
    phpGateways: ["127.0.0.1:1"],
    connectTimeout: 300,
    queryTimeout: 300,
  });
  const [gateway] = stage.gateways;
  await assertRejects(() => cluster.getAllClientIdCount(), Error, "no link");
  // What it was told is the hello of our own protocol, which holds no key.
  const { extra, body } = gateway?.workerConnect ?? {};
  const told = [extra, body].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(told.join("").includes("php key"), false);
  assertEquals(gateway?.clientConnects, []);
});

Deno.test("a key that differs is said to be the cause where a link fails", async () => {
  await using stage = await ReplayStage.start(1, "ours");
  await using log = await LogLines.collect();
  const [gateway] = stage.gateways;
  if (gateway !== undefined) gateway.secretKey = "theirs";
  await using worker = await BusinessWorker.start({
    ...stage.options,
    handler: () => {},
  });
  await worker.joined();
  assertEquals(worker.gateways, 0);
  await eventually("it is logged", () => log.text.includes("--php-secret-key"));
});

function idOf(gateway: FakeOriginal | undefined): string {
  return gatewayIdOf(parseAddress(gateway?.address ?? ""));
}
