import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { parseAddress } from "../../lib/base/address.ts";
import {
  Gateway,
  GatewayClient,
  PartialResultError,
  Register,
} from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { LinePeer } from "../_support/line_peer.ts";
import { LogLines } from "../_support/log_lines.ts";

const SECRET = "correct horse battery staple";
const OTHER = "a different secret altogether";

/** Writes bytes to a port, and waits until the other side ends the connection. */
async function throwAt(address: string, bytes: Uint8Array): Promise<void> {
  using conn = await Deno.connect(parseAddress(address));
  try {
    await conn.write(bytes);
    while (await conn.read(new Uint8Array(1_024)) !== null);
  } catch (error) {
    assert(error instanceof Error);
  }
}

Deno.test("junk for a Register is logged once for each of its kinds, whatever it says", async () => {
  await using log = await LogLines.collect();
  await using register = await Register.start({ listen: "127.0.0.1:0" });
  const { address } = register.status();
  const encoder = new TextEncoder();

  for (let each = 0; each < 10; each++) {
    await throwAt(address, encoder.encode(`{"event":"event ${each}"}\n`));
    await throwAt(address, encoder.encode(`no JSON ${each}\n`));
  }

  assertEquals(log.lines.length, 2, log.lines.join("\n"));
  assertStringIncludes(log.lines[0] ?? "", '"event 0" is not known');
});

Deno.test("junk on the internal port is refused and logged once, and harms nobody", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({
    handler: (event) => event.type === "message" ? event.text() : undefined,
  });
  const client = await cluster.connect();
  const junk = [
    new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    crypto.getRandomValues(new Uint8Array(100)),
    new Uint8Array(100).fill(255),
    new Uint8Array(16),
  ];

  for (let each = 0; each < 12; each++) {
    await throwAt(
      cluster.gateway.lanAddress,
      junk[each % junk.length] ?? new Uint8Array(0),
    );
  }

  const lines = log.lines.filter((line) => line.startsWith("Refused a link"));
  assertEquals(lines.length, 1);
  assertStringIncludes(lines[0] ?? "", "the bytes are not this protocol");
  client.send("still here");
  assertEquals(await client.hear(), "still here");
  assertEquals(cluster.gateway.workers, 1);
});

Deno.test("a wrong secret is refused on both sides, and logged without any secret", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({
    secretKey: SECRET,
    workers: 0,
    handler: () => {},
  });
  // A Register that lets it in, so that it comes as far as the gateway.
  await using register = await Register.start({
    listen: "127.0.0.1:0",
    secretKey: OTHER,
  });
  using peer = await LinePeer.dial(register.addr);
  await peer.announceOurs(cluster.gateway.lanAddress, OTHER);
  const { address } = register.status();
  await eventually("it is listed", () => register.status().gateways.length > 0);

  await using stranger = await GatewayClient.connect({
    register: address,
    secretKey: OTHER,
  });

  await assertRejects(
    () => stranger.sendToAll("x", { confirm: true }),
    PartialResultError,
    cluster.gateway.lanAddress,
  );
  const text = log.lines.join("\n");
  assertStringIncludes(
    text,
    "Refused a link from 127.0.0.1: Cannot accept link: the secret key differs",
  );
  assertStringIncludes(text, "Cannot link to gateway");
  assertStringIncludes(text, "the gateway refused, the secret key differs");
  assertFalse(log.text.includes(SECRET) || log.text.includes(OTHER));
  assertEquals(cluster.gateway.workers, 0);
});

Deno.test("GatewayClient.connect() rejects when no Register answers", async () => {
  const [result] = await Promise.allSettled([
    GatewayClient.connect({ register: "127.0.0.1:1", connectTimeout: 50 }),
  ]);

  assertEquals(result.status, "rejected");
  assertStringIncludes(
    String("reason" in result && result.reason),
    "no answer from Register 127.0.0.1:1 within 50 ms",
  );
});

Deno.test("a peer that sends commands that no gateway knows harms nobody", async () => {
  await using cluster = await startCluster({
    handler: (event) => event.type === "message" ? event.text() : undefined,
  });
  const outside = await cluster.outside();
  const client = await cluster.connect();

  for (const code of [0, 5, 999, 70_000, NaN]) {
    const attempt = Promise.resolve().then(() =>
      outside.closeClient("7f0000010b5400000001", undefined, { code })
    );
    await Promise.allSettled([attempt]);
  }
  client.send("still here");

  assertEquals(await client.hear(), "still here");
});

Deno.test("two secrets are accepted while they are being changed", async () => {
  await using register = await Register.start({
    listen: "127.0.0.1:0",
    secretKey: SECRET,
  });
  const { address } = register.status();
  await using gateway = await Gateway.start({
    listen: ["ws://127.0.0.1:0"],
    startPort: 0,
    register: [address],
    secretKey: [SECRET, OTHER],
  });
  await eventually("it is listed", () => register.status().gateways.length > 0);
  await using second = await Register.start({
    listen: "127.0.0.1:0",
    secretKey: OTHER,
  });
  using peer = await LinePeer.dial(second.addr);
  await peer.announceOurs(gateway.lanAddress, OTHER);
  await eventually("it is listed", () => second.status().gateways.length > 0);

  await using one = await GatewayClient.connect({
    register: address,
    secretKey: SECRET,
  });
  await using other = await GatewayClient.connect({
    register: second.status().address,
    secretKey: OTHER,
  });

  const id = "7f0000010b5400000001";
  assertEquals(await one.isOnline(id), false);
  assertEquals(await other.isOnline(id), false);
});
