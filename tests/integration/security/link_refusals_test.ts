import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { GatewayClient } from "../../../mod.ts";
import { startCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LinePeer } from "../../_support/line_peer.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { JUNK, Tap, throwAt } from "./_peers.ts";

const SECRET = "correct horse battery staple";

Deno.test("a recorded handshake gets nobody in, and is counted", async () => {
  await using cluster = await startCluster({
    secretKey: SECRET,
    workers: 0,
    handler: () => {},
  });
  await using tap = new Tap(cluster.gateway.lanAddress);
  // Announced as another gateway, so that the outside program dials the tap.
  using peer = await LinePeer.dial(cluster.register.addr);
  await peer.announceOurs(tap.address, SECRET);
  await eventually(
    "the tap is listed",
    () => cluster.register.status().gateways.length === 2,
  );
  await using _outside = await GatewayClient.connect({
    register: cluster.registers,
    secretKey: SECRET,
  });
  await eventually("the handshake is recorded", () => tap.said.length > 100);

  const heard = await throwAt(
    cluster.gateway.lanAddress,
    new Uint8Array(tap.said),
  );

  const text = new TextDecoder("latin1").decode(heard);
  assertStringIncludes(text, "the secret key differs");
  assertEquals(cluster.gateway.refusedLinks, 1);
});

Deno.test("a scan of the port for workers is counted whole and logged once, whatever is thrown", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({
    secretKey: SECRET,
    handler: (event) => event.type === "message" ? event.text() : undefined,
  });
  const client = await cluster.connect();

  for (let each = 0; each < 12; each++) {
    const junk = JUNK[each % JUNK.length] ?? new Uint8Array(0);
    await throwAt(cluster.gateway.lanAddress, junk);
  }

  assertEquals(cluster.gateway.refusedLinks, 12);
  const lines = log.lines.filter((line) => line.startsWith("Refused a link"));
  assertEquals(lines.length, 1);
  client.send("still here");
  assertEquals(await client.hear(), "still here");
  assert(cluster.gateway.workers === 1);
});
