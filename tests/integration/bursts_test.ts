import { assert, assertEquals, assertGreater } from "@std/assert";
import type { HandlerEvent } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { TEST_CERT, TEST_KEY } from "../unit/transport/_certificate.ts";

/** Three of them are almost three times the send buffer. */
const LARGE = "x".repeat(900_000);
const BREATH = 3 * (LARGE.length + 1);
const SEND_BUFFER = 1_024_000;
/** What may wait for a client that has just begun not to read. */
const BREATH_LIMIT = 8 * SEND_BUFFER;

/** A cluster whose handler says three large messages in one breath. */
function start(scheme: string, closed: number[] = []) {
  return startCluster({
    handler: (event: HandlerEvent) => {
      if (event.type === "close") closed.push(event.code);
      if (event.type !== "message") return undefined;
      for (let i = 0; i < 3; i++) void event.client.send(LARGE);
      return undefined;
    },
    gateway: {
      listen: [`${scheme}://127.0.0.1:0`],
      cert: TEST_CERT,
      key: TEST_KEY,
    },
  });
}

function dial(scheme: string, port: number): Promise<Deno.Conn> {
  return scheme.startsWith("tls")
    ? Deno.connectTls({ hostname: "localhost", port, caCerts: [TEST_CERT] })
    : Deno.connect({ hostname: "127.0.0.1", port });
}

/** Asks for the three messages; returns how many bytes came until all had, or the end. */
async function hearBreath(scheme: string, port: number): Promise<number> {
  using conn = await dial(scheme, port);
  await conn.write(new TextEncoder().encode("speak\n"));
  const buffer = new Uint8Array(65_536);
  let heard = 0;
  while (heard < BREATH) {
    const count = await conn.read(buffer);
    if (count === null) break;
    heard += count;
  }
  return heard;
}

for (const scheme of ["text", "tls+text"]) {
  Deno.test(`a client that reads gets what is said in one breath, over ${scheme}`, async () => {
    await using cluster = await start(scheme);
    const { port } = cluster.gateway.addr;

    assertEquals(await hearBreath(scheme, port), BREATH);
  });

  Deno.test(`many clients that read get what is said in one breath, over ${scheme}`, async () => {
    await using cluster = await start(scheme);
    const { port } = cluster.gateway.addr;
    const clients = Array.from(
      { length: 12 },
      () => hearBreath(scheme, port),
    );

    assertEquals(new Set(await Promise.all(clients)), new Set([BREATH]));
  });
}

Deno.test("a client that never reads is closed with 4008, whatever is said to it", async () => {
  const closed: number[] = [];
  await using cluster = await start("text", closed);
  const { gateway } = cluster;
  const conn = await dial("text", gateway.addr.port);
  let most = 0;

  for (let asked = 1; gateway.ledger.dropped === 0; asked++) {
    assert(asked < 20, "nothing was dropped");
    await conn.write(new TextEncoder().encode("speak\n"));
    await eventually(
      "the messages are taken or dropped",
      () => gateway.ledger.sent >= 3 * asked,
    );
    most = Math.max(most, gateway.report().queued);
  }
  conn.close();

  await eventually("it is closed", () => closed.length > 0);
  assertEquals(closed, [4008]);
  assertGreater(most, SEND_BUFFER);
  assert(most <= BREATH_LIMIT, `${most} bytes were queued`);
});
