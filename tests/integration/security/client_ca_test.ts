/**
 * Clients that must show a certificate.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { startCluster } from "../../_support/cluster.ts";
import { Inbox } from "../../_support/inbox.ts";
import { TEST_CERT, TEST_KEY } from "../../unit/transport/_certificate.ts";
import { UPGRADE_REQUEST } from "../../unit/transport/_raw_client.ts";
import { TlsClient } from "../../unit/transport/_tls_client.ts";
import {
  AUTHORITY,
  type Certificate,
  NODE,
  STRANGE_AUTHORITY,
  STRANGER,
} from "./_certificates.ts";

/** A gateway whose first port asks for certificates, and whose second does not. */
async function serve(clientCa = AUTHORITY) {
  const asked = new Inbox<string>();
  const heard = new Inbox<string>();
  const cluster = await startCluster({
    handler: (event) => {
      if (event.type !== "connect") return;
      const { commonName = "", fingerprint = "" } =
        event.request?.certificate ?? {};
      heard.push(`${commonName} ${fingerprint}`);
    },
    gateway: {
      listen: [
        { url: "wss://127.0.0.1:0", clientCa },
        "wss://127.0.0.1:0",
      ],
      cert: TEST_CERT,
      key: TEST_KEY,
      authorize: ({ certificate }) =>
        void asked.push(certificate?.subjectAltName ?? "nobody"),
    },
  });
  const [{ port } = { port: 0 }, { port: open } = { port: 0 }] =
    cluster.gateway.addrs;
  return { cluster, asked, heard, port, open };
}

function shown({ lanCert, lanKey }: Certificate) {
  return { cert: lanCert, key: lanKey };
}

/** Connects, and shakes hands with TLS and WebSocket. */
async function join(port: number, who?: Certificate): Promise<TlsClient> {
  const client = await TlsClient.dial({ port, ...(who && shown(who)) });
  await client.say(UPGRADE_REQUEST);
  assertEquals((await client.hearHead()).slice(9, 12), "101");
  return client;
}

Deno.test("a gateway tells handler and authorize which certificate a client has shown", async () => {
  const { cluster, asked, heard, port, open } = await serve();
  await using _cluster = cluster;
  const { fingerprint256, subjectAltName } = new X509Certificate(NODE.lanCert);

  using _one = await join(port, NODE);
  assertEquals(await asked.next(), subjectAltName);
  assertEquals(await heard.next(), `node ${fingerprint256}`);

  using _other = await join(open);
  assertEquals(await asked.next(), "nobody");
  assertEquals(await heard.next(), " ");
});

for (
  const [who, certificate] of [
    ["no certificate", undefined],
    ["a certificate of a strange authority", STRANGER],
  ] as const
) {
  Deno.test(`a gateway that asks for certificates lets in nobody with ${who}`, async () => {
    const { cluster, asked, port } = await serve();
    await using _cluster = cluster;

    await assertRejects(() => join(port, certificate));

    using _node = await join(port, NODE);
    await asked.next();
    assertEquals(asked.size, 0);
  });
}

/** Runs in Node: gets a session at one port, and takes it to another one. */
const RESUMER = `
const tls = require("node:tls");
const [from, to, cert, key] = process.argv.slice(1);
const options = {
  host: "127.0.0.1", rejectUnauthorized: false,
  ...(cert ? { cert, key } : {}),
};
const request = ${JSON.stringify(UPGRADE_REQUEST)};
const first = tls.connect({ ...options, port: from }, () => first.write(request));
first.on("error", () => {});
let session;
first.on("session", (ticket) => session = ticket);
first.on("data", () => {
  first.destroy();
  const second = tls.connect({ ...options, port: to, session });
  second.on("secureConnect", () => second.write(request));
  second.on("data", (chunk) => {
    console.log(second.isSessionReused(), String(chunk).slice(9, 12));
    second.destroy();
  });
  second.on("error", () => {});
  second.on("close", () => console.log(session ? "closed" : "no session"));
});
`;

async function resume(from: number, to: number, who?: Certificate) {
  const pair = who === undefined ? [] : [who.lanCert, who.lanKey];
  const { stdout } = await new Deno.Command("node", {
    args: ["-e", RESUMER, "--", `${from}`, `${to}`, ...pair],
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("a client that has shown its certificate may resume its session, and still has it", async () => {
  const { cluster, heard, port } = await serve();
  await using _cluster = cluster;

  assertEquals(await resume(port, port, NODE), "true 101\nclosed\n");

  const first = await heard.next();
  assert(first.startsWith("node "));
  assertEquals(await heard.next(), first);
});

Deno.test("a session of a port that asks for no certificate opens none that does", async () => {
  const { cluster, port, open } = await serve();
  await using _cluster = cluster;

  assertEquals(await resume(open, port), "closed\n");
});

Deno.test("a gateway reads the authorities of its clients again, and a session that began before opens nothing", async () => {
  const folder = await Deno.makeTempDir();
  const clientCa = `${folder}/ca.pem`;
  try {
    await Deno.writeTextFile(clientCa, AUTHORITY);
    const { cluster, asked, port } = await serve(clientCa);
    await using _cluster = cluster;
    using old = await join(port, NODE);
    await asked.next();

    await Deno.writeTextFile(clientCa, STRANGE_AUTHORITY);
    await cluster.gateway.renewTrust();

    await assertRejects(() => join(port, NODE));
    using _new = await join(port, STRANGER);
    await asked.next();
    await old.say(Uint8Array.of(0x89, 0x80, 0, 0, 0, 0));
    assertEquals(await old.hear(2), Uint8Array.of(0x8a, 0));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a gateway does not start with authorities of clients that cannot be read", async () => {
  await assertRejects(
    () => serve("-----BEGIN CERTIFICATE-----\njunk\n"),
    TypeError,
    "must be PEM",
  );
});
