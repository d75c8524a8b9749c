/**
 * Clients that send a request, say goodbye at once, and listen for what comes.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { HandlerEvent } from "@gatewayworker/core";
import { startCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { TEST_CERT, TEST_KEY } from "../../unit/transport/_certificate.ts";
import { bytes, clientFrame, concat } from "../../unit/transport/_feed.ts";
import {
  RawClient,
  UPGRADE_REQUEST,
} from "../../unit/transport/_raw_client.ts";

/** How many clients of each kind, one after another, and as many at once. */
const COUNT = 50;

const GOODBYE = clientFrame(8, Uint8Array.of(0x03, 0xe8));

/** How a client asks, and everything that it is to hear after that. */
interface Manners {
  readonly scheme: string;
  readonly asks: Uint8Array;
  readonly hears: string;
}

const PLAIN: readonly Manners[] = [
  {
    scheme: "ws",
    asks: concat(
      clientFrame(1, "one"),
      clientFrame(1, "two"),
      GOODBYE,
      clientFrame(1, "not heard any more"),
    ),
    hears: "\x81\x0aanswer one\x81\x0aanswer two\x88\x02\x03\xe8",
  },
  {
    scheme: "text",
    asks: bytes("one\ntwo\n"),
    hears: "answer one\nanswer two\n",
  },
  {
    scheme: "frame",
    asks: bytes("\0\0\0\x07one\0\0\0\x07two"),
    hears: "\0\0\0\x0eanswer one\0\0\0\x0eanswer two",
  },
  { scheme: "tcp", asks: bytes("one"), hears: "answer one" },
];

async function dial(port: number, isSecure: boolean): Promise<RawClient> {
  if (!isSecure) return RawClient.dial({ port });
  const options = { hostname: "localhost", port, caCerts: [TEST_CERT] };
  return new RawClient(await Deno.connectTls(options));
}

/** Asks and says goodbye; returns all that was heard. */
async function askAndLeave(
  port: number,
  { scheme, asks }: Manners,
  isSecure: boolean,
): Promise<string> {
  using client = await dial(port, isSecure);
  if (scheme === "ws") {
    await client.say(UPGRADE_REQUEST);
    await client.hearUntil("\r\n\r\n");
    await client.say(asks);
  } else {
    await client.say(asks);
    await client.hangUp();
  }
  return String.fromCharCode(...await client.hearAll());
}

for (const isSecure of [false, true]) {
  for (const manners of PLAIN) {
    const { scheme, hears } = manners;
    const url = !isSecure
      ? `${scheme}://127.0.0.1:0`
      : scheme === "ws"
      ? "wss://127.0.0.1:0"
      : `tls+${scheme}://127.0.0.1:0`;

    Deno.test(`a client of ${url.split(":")[0]} that asks and leaves at once gets every answer`, async () => {
      const events: string[] = [];
      await using cluster = await startCluster({
        handler: async (event: HandlerEvent) => {
          if (event.type === "message") {
            await new Promise((resolve) => setTimeout(resolve, 2));
            return `answer ${event.text()}`;
          }
          if (event.type === "close") events.push(`close ${event.code}`);
          return undefined;
        },
        gateway: { listen: [url], cert: TEST_CERT, key: TEST_KEY },
      });
      const { port } = cluster.gateway.addr;

      const heard: string[] = [];
      for (let i = 0; i < COUNT; i++) {
        heard.push(await askAndLeave(port, manners, isSecure));
      }
      heard.push(
        ...await Promise.all(
          Array.from(
            { length: COUNT },
            () => askAndLeave(port, manners, isSecure),
          ),
        ),
      );

      assertEquals(heard, Array(2 * COUNT).fill(hears));
      await eventually("all have left", () => events.length === 2 * COUNT);
      assertEquals(new Set(events), new Set(["close 1000"]));
    });
  }
}

Deno.test("a client that asks and leaves is not kept while its handler does not end", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using cluster = await startCluster({
    handler: (event: HandlerEvent) =>
      event.type === "message" ? promise : undefined,
  });
  using client = await RawClient.upgrade(cluster.gateway.addr);

  await client.say(concat(clientFrame(1, "never answered"), GOODBYE));
  const heard = await client.hearAll();

  assertEquals([...heard], [0x88, 2, 3, 0xe8]);
  assertEquals(cluster.gateway.clients, 0);
  resolve();
});

Deno.test("a client that leaves without a worker is not kept", async () => {
  await using cluster = await startCluster({
    handler: () => {},
    workers: 0,
  });
  using client = await RawClient.upgrade(cluster.gateway.addr);
  const start = performance.now();

  await client.say(concat(clientFrame(1, "nobody hears"), GOODBYE));
  const heard = await client.hearAll();

  assertEquals([...heard], [0x88, 2, 3, 0xe8]);
  assertEquals(performance.now() - start < 4_000, true);
});
