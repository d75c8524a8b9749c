import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
} from "@std/assert";
import type { HandlerEvent, QueuePolicy, SendOptions } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { LazyClient } from "../_support/lazy_client.ts";
import { LogLines } from "../_support/log_lines.ts";

/** More than a loopback socket buffers by itself, in messages of 32 KiB. */
const FLOOD = 500;
const SEND_BUFFER = 512 * 1024;

/** 32 KiB that begin with the number. */
function numbered(number: number | string): string {
  return String(number).padEnd(32_768);
}

/** What came of a flood. */
interface Outcome {
  readonly texts: string[];
  readonly code: number | undefined;
  readonly sent: number;
  readonly dropped: number;
  /** What each slow event said was dropped. */
  readonly told: readonly number[];
}

/** Floods a client that does not read, then lets it read all that is left for it. */
async function flood(
  policy: QueuePolicy,
  keyOf: (n: number) => string = () => "",
): Promise<Outcome> {
  const told: number[] = [];
  let clientId = "";
  await using cluster = await startCluster({
    handler: (event: HandlerEvent) => {
      if (event.type === "connect") clientId = event.client.id;
      if (event.type === "slow") told.push(event.dropped);
      return undefined;
    },
    gateway: { sendBuffer: SEND_BUFFER },
  });
  using client = await LazyClient.connect(cluster.gateway.addr);
  await eventually("the client is known", () => clientId !== "");
  const send = (text: string, options: SendOptions) =>
    cluster.worker.cluster.sendToClient(clientId, text, {
      confirm: true,
      ...options,
    });

  for (let n = 0; n < FLOOD; n++) {
    const key = policy === "latest" ? { key: keyOf(n) } : {};
    await send(numbered(n), { policy, ...key });
  }
  const reading = client.readUntil("last");
  let isOver = false;
  void reading.then(() => isOver = true);
  while (
    !isOver && await send(numbered("last"), { policy: "drop-newest" }) === 0
  );
  const { texts, code } = await reading;
  await eventually(
    "all drops are told",
    () => cluster.gateway.ledger.dropped === sum(told) || policy === "close",
  );
  const { sent, dropped } = cluster.gateway.ledger;
  return { texts, code, sent, dropped, told };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function isAscending(texts: readonly string[]): boolean {
  const numbers = texts.filter((text) => text !== "last").map(Number);
  return numbers.every((n, at) =>
    at === 0 || n > (numbers[at - 1] ?? Infinity)
  );
}

Deno.test("a client that does not read is closed with 4008 by default", async () => {
  const { code, texts } = await flood("close");

  assertEquals(code, 4008);
  assert(isAscending(texts));
  assertLess(texts.length, FLOOD);
});

for (const policy of ["drop-oldest", "drop-newest"] as const) {
  Deno.test(`${policy} keeps a slow client, and every drop is counted`, async () => {
    const { sent, dropped, texts } = await flood(policy);

    assertGreater(dropped, 0);
    assertEquals(texts.length, sent - dropped);
    assert(isAscending(texts));
    assertEquals(texts.includes(String(FLOOD - 1)), policy === "drop-oldest");
  });
}

Deno.test("latest leaves a slow client the newest message of each key", async () => {
  const { sent, dropped, texts } = await flood("latest", (n) => `key${n % 3}`);

  assertEquals(texts.length, sent - dropped);
  for (const newest of [1, 2, 3]) {
    assert(
      texts.includes(String(FLOOD - newest)),
      `${FLOOD - newest} is missing`,
    );
  }
});

Deno.test("the slow event comes at most once a second", async () => {
  const start = performance.now();
  const { told, dropped } = await flood("drop-newest");
  const seconds = (performance.now() - start) / 1_000;

  assertLess(told.length, seconds + 2);
  assertEquals(sum(told), dropped);
});

Deno.test("the log tells of slow clients, a few lines for many drops", async () => {
  await using log = await LogLines.collect();

  const { dropped } = await flood("drop-oldest");

  const lines = log.lines.filter((line) => line.startsWith("Slow clients: "));
  assertLess(lines.length, dropped / 20);
  assertMatch(lines[0] ?? "", /dropped \d+ messages since 1 clients/);
});
