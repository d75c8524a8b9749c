import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { parseAddress } from "../../../lib/base/address.ts";
import { SilentPeerError } from "../../../lib/base/errors.ts";
import { dialPeer } from "../../../lib/peer/dial_peer.ts";
import { Trust, type TrustOptions } from "../../../lib/peer/trust.ts";
import { Gateway, GatewayClient, Register } from "../../../mod.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LogLines } from "../../_support/log_lines.ts";
import {
  AUTHORITY,
  NEXT_NODE,
  NODE,
  serialAt,
  serialOf,
  STRANGE_AUTHORITY,
  STRANGER,
} from "./_certificates.ts";
import { JUNK, Tap, throwAt } from "./_peers.ts";

const SECRET = "correct horse battery staple";
const MUTUAL = { ...NODE, lanCa: AUTHORITY, secretKey: SECRET };

function startTlsCluster(
  trust: TrustOptions = MUTUAL,
): Promise<TestCluster> {
  return startCluster({
    handler: (event) => event.type === "message" ? event.text() : undefined,
    trust,
  });
}

for (
  const [what, trust] of [
    ["certificates on both sides and a secret", MUTUAL],
    ["certificates on both sides", { ...NODE, lanCa: AUTHORITY }],
  ] as const
) {
  Deno.test(`a cluster works over TLS with ${what}`, async () => {
    await using cluster = await startTlsCluster(trust);
    await using outside = await GatewayClient.connect({
      register: cluster.registers,
      ...trust,
    });
    const client = await cluster.connect();

    for (const text of ["one", "two", "x".repeat(300_000)]) {
      client.send(text);
      assertEquals(await client.hear(), text);
    }
    await outside.sendToAll("from outside");

    assertEquals(await client.hear(), "from outside");
  });
}

Deno.test("over TLS nothing is readable on the wire", async () => {
  await using register = await Register.start({
    listen: "127.0.0.1:0",
    ...MUTUAL,
  });
  await using tap = new Tap(register.status().address);
  await using _gateway = await Gateway.start({
    listen: ["ws://127.0.0.1:0"],
    startPort: 0,
    register: [tap.address],
    name: "a name to look for",
    ...MUTUAL,
  });
  await eventually(
    "the gateway is listed",
    () => register.status().gateways.length === 1,
  );

  const text = new TextDecoder("latin1").decode(
    new Uint8Array([...tap.said, ...tap.answered]),
  );
  assertEquals(text.includes("a name to look for"), false);
  assertEquals(text.includes("gateway_connect"), false);
});

for (
  const [who, trust] of [
    ["no certificate", { lanCa: AUTHORITY, secretKey: SECRET }],
    [
      "a certificate of a strange authority",
      { ...STRANGER, lanCa: AUTHORITY, secretKey: SECRET },
    ],
  ] as const
) {
  Deno.test(`a node with ${who} is refused, counted, and logged once`, async () => {
    await using log = await LogLines.collect();
    await using cluster = await startTlsCluster();
    const stranger = await Trust.load(trust);

    for (let each = 0; each < 3; each++) {
      await assertRejects(() => talkTo(cluster.gateway.lanAddress, stranger));
    }

    await eventually(
      "all three were counted",
      () => cluster.gateway.refusedLinks === 3,
    );
    const lines = log.lines.filter((line) => line.startsWith("Refused a link"));
    assertEquals(lines.length, 1);
    assertStringIncludes(lines[0] ?? "", "Refused a link from 127.0.0.1:");
    assertEquals(cluster.gateway.workers, 1);
  });
}

Deno.test("a node does not believe a gateway of a strange authority", async () => {
  await using cluster = await startTlsCluster({
    ...STRANGER,
    lanCa: STRANGE_AUTHORITY,
  });
  const trust = await Trust.load({ ...NODE, lanCa: AUTHORITY });

  const error = await assertRejects(() =>
    talkTo(cluster.gateway.lanAddress, trust)
  );

  assertStringIncludes(String(error), "Cannot trust peer");
});

Deno.test("a node does not believe a certificate that names another host", async () => {
  await using cluster = await startTlsCluster();
  const trust = await Trust.load(MUTUAL);
  const { port } = parseAddress(cluster.gateway.lanAddress);

  await assertRejects(() => talkTo(`127.0.0.2:${port}`, trust));
});

Deno.test("a node that takes a connection and says nothing is told from one that is not there", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const trust = await Trust.load(MUTUAL);
  const { hostname, port } = silent.addr;

  await assertRejects(
    () => dialPeer({ hostname, port }, trust, AbortSignal.timeout(50)),
    SilentPeerError,
  );
});

Deno.test("junk and plain nodes at a TLS port are refused and counted, and harm nobody", async () => {
  await using cluster = await startTlsCluster();
  const client = await cluster.connect();

  for (const junk of JUNK) await throwAt(cluster.gateway.lanAddress, junk);

  await eventually(
    "all were counted",
    () => cluster.gateway.refusedLinks === JUNK.length,
  );
  client.send("still here");
  assertEquals(await client.hear(), "still here");
});

Deno.test("certificates are renewed in a running cluster: new links see the new ones, old links stay", async () => {
  const dir = await Deno.makeTempDir();
  const files = { lanCert: `${dir}/node.crt`, lanKey: `${dir}/node.key` };
  try {
    await Deno.writeTextFile(files.lanCert, NODE.lanCert);
    await Deno.writeTextFile(files.lanKey, NODE.lanKey);
    await using cluster = await startTlsCluster({
      ...files,
      lanCa: AUTHORITY,
    });
    const client = await cluster.connect();
    assertEquals(await serialAt(cluster.gateway.lanAddress), serialOf(NODE));

    await Deno.writeTextFile(files.lanCert, NEXT_NODE.lanCert);
    await Deno.writeTextFile(files.lanKey, NEXT_NODE.lanKey);
    await cluster.gateway.renewTrust();

    assertEquals(
      await serialAt(cluster.gateway.lanAddress),
      serialOf(NEXT_NODE),
    );
    client.send("still here");
    assertEquals(await client.hear(), "still here");

    await Deno.writeTextFile(files.lanKey, NODE.lanKey);
    await assertRejects(() => cluster.gateway.renewTrust(), TypeError);
    assertEquals(
      await serialAt(cluster.gateway.lanAddress),
      serialOf(NEXT_NODE),
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

for (
  const [what, options] of [
    ["a certificate without its key", { lanCert: NODE.lanCert }],
    ["a key without its certificate", { lanKey: NODE.lanKey }],
    ["only an authority", { lanCa: AUTHORITY }],
    ["a file that is not there", { ...NODE, lanCa: "/nowhere/ca.pem" }],
    ["the key of another certificate", { ...NODE, lanKey: STRANGER.lanKey }],
  ] as const
) {
  Deno.test(`a gateway with ${what} does not start`, async () => {
    await assertRejects(
      () =>
        Gateway.start({
          listen: ["ws://127.0.0.1:0"],
          startPort: 0,
          ...options,
        }),
      TypeError,
    );
  });
}

/** Connects, and waits for a byte that never comes from a peer that refuses. */
async function talkTo(address: string, trust: Trust): Promise<void> {
  const signal = AbortSignal.timeout(5_000);
  const stream = await dialPeer(parseAddress(address), trust, signal);
  try {
    // In TLS 1.3 the dialing side hears of its refusal with the first bytes.
    const count = await stream.read(new Uint8Array(1));
    throw new TypeError(`The peer was not refused: it read ${count}`);
  } finally {
    stream.close();
  }
}
