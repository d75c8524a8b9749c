import {
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertLess,
  assertRejects,
} from "@std/assert";
import {
  GatewayClient,
  type HandlerClient,
  LinkFullError,
  PartialResultError,
} from "../../mod.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { LogLines } from "../_support/log_lines.ts";

const LIMIT = 1024 * 1024;
const LONG = "x".repeat(64 * 1024);

/** More than the system keeps of what a peer does not read, and the limit. */
const MANY = 1_000;

/** Two gateways; a worker's cable to the second one can be frozen. */
async function startTwo(
  onMessage: (client: HandlerClient) => Promise<string> | string | void,
) {
  const cluster = await startCluster({
    gateways: 2,
    workers: 0,
    gateway: { sendBuffer: 2 * MANY * LONG.length },
    worker: { linkBuffer: LIMIT },
    handler: (event) => {
      return event.type === "message" ? onMessage(event.client) : undefined;
    },
  });
  const [alive, frozen] = cluster.gateways;
  if (alive === undefined || frozen === undefined) throw new RangeError();
  const fragile = await cluster.addFragileWorker();
  return { cluster, alive, frozen, ...fragile };
}

/** Sends again and again until that is refused; returns how often, and why it ended. */
async function sendUntilRefused(send: () => Promise<unknown>) {
  for (let sent = 1; sent <= MANY; sent++) {
    try {
      await send();
    } catch (error) {
      return { sent, error };
    }
  }
  throw new RangeError(`Cannot be refused: ${MANY} were taken`);
}

async function clientIdOf(cluster: TestCluster, index: number) {
  const outside = await cluster.outside();
  const ids = await outside.getAllClientIdList();
  const own = cluster.gateways[index]?.report().gatewayId ?? "";
  return ids.find((id) => id.startsWith(own)) ?? "";
}

Deno.test("sends to all wait a second for a gateway that stands still, then reject for it, and reach the others", async () => {
  await using log = await LogLines.collect();
  const two = await startTwo(() => {});
  await using cluster = two.cluster;
  const client = await cluster.connect(two.alive);
  const { worker } = two;

  two.freeze(two.frozen);
  const start = performance.now();
  const { sent, error } = await sendUntilRefused(() =>
    worker.cluster.sendToAll(LONG)
  );

  assertLess(performance.now() - start, 4_000);
  assertInstanceOf(error, PartialResultError);
  assertInstanceOf(error.cause, LinkFullError);
  assertEquals(error.gateways, [error.cause.gateway]);
  assertEquals((await client.hearAll(sent)).length, sent);
  assertLess(worker.report().waitingBytes, LIMIT + 2 * LONG.length);
  assertEquals(worker.report().refused, 1);
  await assertRejects(
    () => worker.cluster.getAllClientIdList(),
    PartialResultError,
  );
  assertEquals(worker.report().refused, 2);
  assertEquals(log.lines.length, 1);
  two.thaw();
});

Deno.test("sends to one client reject while its gateway stands still, and go on when it does", async () => {
  await using _log = await LogLines.collect();
  const two = await startTwo(() => {});
  await using cluster = two.cluster;
  const client = await cluster.connect(two.frozen);
  const id = await clientIdOf(cluster, 1);
  const calls = two.worker.cluster;

  two.freeze(two.frozen);
  const { sent, error } = await sendUntilRefused(() =>
    calls.sendToClient(id, LONG)
  );
  assertInstanceOf(error, LinkFullError);
  await assertRejects(() => calls.isOnline(id), LinkFullError);
  two.thaw();

  await client.hearAll(sent - 1);
  await calls.sendToClient(id, "on");
  assertEquals(await client.hear(), "on");
});

Deno.test("what handlers send without waiting stays within the limit, is counted and logged once", async () => {
  await using log = await LogLines.collect();
  let kept: HandlerClient | undefined;
  const two = await startTwo((client) => void (kept = client));
  await using cluster = two.cluster;
  const client = await cluster.connect(two.frozen);
  client.send("here");
  await cluster.settled();

  two.freeze(two.frozen);
  for (let each = 0; each < MANY; each++) kept?.send(LONG);
  for (let each = 0; each < MANY; each++) {
    void two.worker.cluster.sendToClient(kept?.id ?? "", LONG);
  }

  const { waitingBytes, refused } = two.worker.report();
  assertLess(waitingBytes, LIMIT + 2 * LONG.length);
  assertGreater(refused, MANY);
  assertEquals(log.lines.length, 1);
  two.thaw();
});

for (
  const [kind, answer] of [
    ["at once", () => LONG],
    ["later", () => new Promise<string>((done) => setTimeout(done, 0, LONG))],
  ] as const
) {
  Deno.test(`answers that come ${kind} all arrive, though the link has no room for them for a while`, async () => {
    const two = await startTwo(answer);
    await using cluster = two.cluster;
    const clients = await Promise.all(
      Array.from({ length: 50 }, () => cluster.connect(two.frozen)),
    );
    const each = MANY / clients.length;

    two.freeze(two.frozen);
    for (const client of clients) {
      for (let sent = 0; sent < each; sent++) client.send("much");
    }
    await eventually(
      "the gateway has all of it",
      () => two.frozen.ledger.accepted === MANY + clients.length,
    );
    two.thaw();

    await eventually(
      "all questions are answered",
      () => clients.every(({ messages }) => messages.size === each),
    );
    assertEquals(two.worker.report().refused, 0);
  });
}

Deno.test("GatewayClient.connect() takes no linkBuffer that is not positive", async () => {
  for (const linkBuffer of [0, -1, NaN]) {
    await assertRejects(
      () => GatewayClient.connect({ linkBuffer }),
      RangeError,
      "linkBuffer must be > 0 bytes",
    );
  }
});
