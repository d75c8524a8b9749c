/**
 * Listeners of different kinds in one gateway.
 *
 * @module
 */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Gateway, type HandlerEvent } from "@gatewayworker/core";
import sensorHandler from "../../../examples/custom_protocol/handler.ts";
import {
  checksumOf,
  readFrame,
  sensorProtocol,
} from "../../../examples/custom_protocol/protocol.ts";
import { startCluster } from "../../_support/cluster.ts";
import {
  OTHER_CERT,
  OTHER_KEY,
  TEST_CERT,
  TEST_KEY,
} from "../../unit/transport/_certificate.ts";
import { bytes, clientFrame, text } from "../../unit/transport/_feed.ts";
import {
  RawClient,
  UPGRADE_REQUEST,
} from "../../unit/transport/_raw_client.ts";

function echo(event: HandlerEvent): string | undefined {
  return event.type === "message" ? event.text() : undefined;
}

/** The address of one of several listeners. */
function addrOf(gateway: Gateway, index: number): Deno.NetAddr {
  const addr = gateway.addrs[index];
  if (addr === undefined) throw new RangeError(`No listener ${index}`);
  return addr;
}

async function dialTls(addr: Deno.NetAddr, cert: string): Promise<RawClient> {
  const options = {
    hostname: "localhost",
    port: addr.port,
    caCerts: [cert],
  };
  const conn = await Deno.connectTls(options);
  await conn.handshake();
  return new RawClient(conn);
}

Deno.test("a gateway speaks several protocols at a time, a user's own among them", async () => {
  await using cluster = await startCluster({
    handler: sensorHandler,
    gateway: {
      listen: [
        "ws://127.0.0.1:0",
        { url: "tcp://127.0.0.1:0", protocol: sensorProtocol },
        "text://127.0.0.1:0",
      ],
    },
  });
  await using browser = await cluster.connect();
  browser.send("is anybody there?");
  assertEquals(await browser.hearAll(2), ["is anybody there?", "ok"]);
  using sensor = await RawClient.dial(addrOf(cluster.gateway, 1));
  using line = await RawClient.dial(addrOf(cluster.gateway, 2));

  await sensor.say(`$21.5,40*${checksumOf(bytes("21.5,40"))}`);
  assertEquals(await browser.hear(), "21.5,40");
  assertEquals(text(await sensor.hear(6)), "$ok*04");
  await sensor.say("$21.5,40*2C");
  const refusal = "refused: The checksum must be 30";
  const answer = `$${refusal}*${checksumOf(bytes(refusal))}`;
  assertEquals(text(await sensor.hear(answer.length)), answer);
  await line.say("a line\n");
  assertEquals(await browser.hear(), "a line");
  assertEquals(text(await line.hear(3)), "ok\n");
});

Deno.test("what is no UTF-8 harms no browser that it is sent on to", async () => {
  await using cluster = await startCluster({
    handler: async (event, api) => {
      if (event.type === "message") await api.sendToAll(event.text());
    },
    gateway: { listen: ["ws://127.0.0.1:0", "text://127.0.0.1:0"] },
  });
  await using browser = await cluster.connect();
  using line = await RawClient.dial(addrOf(cluster.gateway, 1));

  await line.say(new Uint8Array([0x61, 0xff, 0x62, 0x0a]));
  assertEquals(await browser.hear(), "a\ufffdb");
  await line.say("grüße\n");
  assertEquals(await browser.hear(), "grüße");
});

Deno.test("a gateway closes a client that breaks the user's own protocol", async () => {
  const decode = () => {
    throw new TypeError("No frame of mine");
  };
  await using cluster = await startCluster({
    handler: sensorHandler,
    gateway: {
      listen: [{
        url: "tcp://127.0.0.1:0",
        protocol: { ...sensorProtocol, decode },
      }],
    },
  });
  using sensor = await RawClient.dial(cluster.gateway.addr);

  await sensor.say("$21.5,40*30");

  assertEquals((await sensor.hearAll()).length, 0);
});

Deno.test("examples/custom_protocol shows a frame with the right checksum", async () => {
  const main = import.meta.resolve("../../../examples/custom_protocol/main.ts");
  const source = await Deno.readTextFile(new URL(main));

  const [, frame = ""] = /printf '([^']+)'/.exec(source) ?? [];

  assertEquals(readFrame(bytes(frame)), "21.5,40");
});

Deno.test("a gateway reads its certificates again, and disconnects nobody", async () => {
  const folder = await Deno.makeTempDir();
  const [cert, key] = [`${folder}/cert.pem`, `${folder}/key.pem`];
  try {
    await Deno.writeTextFile(cert, TEST_CERT);
    await Deno.writeTextFile(key, TEST_KEY);
    await using cluster = await startCluster({
      handler: echo,
      gateway: { listen: ["tls+text://127.0.0.1:0"], cert, key },
    });
    const { gateway } = cluster;
    using old = await dialTls(gateway.addr, TEST_CERT);
    await Deno.writeTextFile(cert, OTHER_CERT);
    await assertRejects(() => gateway.renewTrust(), TypeError, "for its key");
    await Deno.writeTextFile(key, OTHER_KEY);
    await gateway.renewTrust();
    using young = await dialTls(gateway.addr, OTHER_CERT);

    for (const client of [old, young]) {
      await client.say("still here\n");
      assertEquals(text(await client.hear(11)), "still here\n");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a gateway with TLS needs a certificate that can be read", async () => {
  const start = (more: { cert?: string; key?: string }) =>
    Gateway.start({ listen: ["wss://127.0.0.1:0"], startPort: 0, ...more });

  await assertRejects(() => start({}), TypeError, "certificate and its key");
  await assertRejects(
    () => start({ cert: "/nowhere.pem", key: "/nowhere.pem" }),
    TypeError,
    'file "/nowhere.pem"',
  );
});

Deno.test("a gateway's options are its listeners', unless they have their own", async () => {
  await using gateway = await Gateway.start({
    startPort: 0,
    subprotocols: ["chat"],
    compression: {},
    listen: [
      "ws://127.0.0.1:0",
      { url: "ws://127.0.0.1:0", subprotocols: ["game"], compression: false },
    ],
  });
  const ask = async (index: number) => {
    using client = await RawClient.dial(addrOf(gateway, index));
    const headers = "Sec-WebSocket-Protocol: game, chat\r\n" +
      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    await client.say(UPGRADE_REQUEST.slice(0, -2) + headers);
    return await client.hearUntil("\r\n\r\n");
  };

  const [first, second] = [await ask(0), await ask(1)];

  assertMatch(first, /\r\nSec-WebSocket-Protocol: chat\r\n/);
  assertMatch(first, /\r\nSec-WebSocket-Extensions: permessage-deflate/);
  assertMatch(second, /\r\nSec-WebSocket-Protocol: game\r\n/);
  assertEquals(second.includes("permessage-deflate"), false);
});

Deno.test("a gateway knows its file limit, and says so in its report", async () => {
  await using gateway = await Gateway.start({
    startPort: 0,
    listen: ["ws://127.0.0.1:0"],
    maxConnections: 5,
  });

  assertEquals(gateway.report().maxClients, 5);
});

Deno.test("a gateway limits what its clients send", async () => {
  await using cluster = await startCluster({
    handler: echo,
    gateway: { maxMessageRate: 2, ratePolicy: "close" },
  });
  using client = await RawClient.upgrade(cluster.gateway.addr);

  for (let i = 0; i < 3; i++) await client.say(clientFrame(1, "hi"));

  const heard = await client.hearAll();
  assertEquals(text(heard.slice(-8)), "too fast");
});
