/**
 * Raw clients that ask and leave as the libraries of docs/clients.md do, each with the
 * upgrade request that it was seen to send.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { HandlerEvent } from "@gatewayworker/core";
import libraries from "../../clients/expected.json" with { type: "json" };
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { Inbox } from "../../_support/inbox.ts";
import { clientFrame } from "../../unit/transport/_feed.ts";
import { RawClient } from "../../unit/transport/_raw_client.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const GREETING = "welcome";
const NORMAL = Uint8Array.of(0x03, 0xe8);

/** Parameters that a server may answer unasked (RFC 7692, section 7.1.1). */
const UNASKED = ["server_no_context_takeover", "client_no_context_takeover"];

type Library = (typeof libraries)[keyof typeof libraries];

/** Its request as it was seen, to a port of this test. */
function requestOf({ request }: Library, port: number, name: string): string {
  const lines = request.map((line) =>
    line.replace("PORT", String(port)).replace("KEY", KEY)
  );
  const path = encodeURIComponent(name);
  return [`GET /${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*?) *\r$`, "im").exec(head)?.[1];
}

function parametersOf(extensions: string | undefined): string[] {
  return (extensions ?? "").split(";").slice(1).map((each) => each.trim());
}

/** Says the library's request, and checks the answer to it. */
async function greet(
  client: RawClient,
  request: string,
  name: string,
): Promise<void> {
  await client.say(request);
  const answer = await client.hearUntil("\r\n\r\n");
  assertMatch(answer, /^HTTP\/1\.1 101 /, name);
  assertEquals(headerOf(answer, "sec-websocket-accept"), ACCEPT, name);
  assertEquals(headerOf(answer, "sec-websocket-protocol"), undefined, name);
  const offer = headerOf(request, "sec-websocket-extensions") ?? "";
  for (
    const each of parametersOf(headerOf(answer, "sec-websocket-extensions"))
  ) {
    const [parameter = ""] = each.split("=");
    assert(UNASKED.includes(each) || offer.includes(parameter), name);
  }
  await client.hearUntil(GREETING);
}

/** Leaves as the library does; returns what it hears then. */
async function leave(
  client: RawClient,
  { leaves }: Library,
): Promise<Uint8Array> {
  if (leaves.includes("no close frame")) {
    await client.hangUp();
  } else {
    const key = leaves.includes("without a mask") ? { key: null } : {};
    const payload = leaves.startsWith("1005") ? "" : NORMAL;
    await client.say(clientFrame(8, payload, key));
  }
  return await client.hearAll();
}

/** A cluster that greets, and tells of each path with which code it was left. */
async function start(): Promise<
  { cluster: TestCluster; left: Inbox<[string, number]> }
> {
  const left = new Inbox<[string, number]>();
  const cluster = await startCluster({
    handler: (event: HandlerEvent) => {
      if (event.type === "connect") {
        event.client.session["path"] = event.request?.path ?? "";
        return "welcome";
      }
      if (event.type === "close") {
        const { code, client: { session } } = event;
        left.push([String(session["path"]), code]);
      }
      return undefined;
    },
    gateway: {
      listen: [{ url: "ws://127.0.0.1:0", compression: { threshold: 64 } }],
    },
  });
  return { cluster, left };
}

Deno.test("a gateway takes the request of every library as it comes, greets, and hears how it leaves", async () => {
  const { cluster, left } = await start();
  await using _cluster = cluster;
  const { port } = cluster.gateway.addr;

  await Promise.all(
    Object.entries(libraries).map(async ([name, library]) => {
      using client = await RawClient.dial({ port });
      await greet(client, requestOf(library, port, name), name);
      await leave(client, library);
    }),
  );

  const heard: Record<string, number> = {};
  const documented: Record<string, number> = {};
  for (const [name, { leaves }] of Object.entries(libraries)) {
    documented[name] = parseInt(leaves);
    const [path, code] = await left.next();
    heard[decodeURIComponent(path.slice(1))] = code;
  }
  assertEquals(heard, documented);
});

Deno.test("a client that never ends its connection after the goodbyes is ended by the gateway", async () => {
  const { cluster } = await start();
  await using _cluster = cluster;
  // As java.net.http, undici, Bun and Deno, which wait without end.
  using client = await RawClient.upgrade(cluster.gateway.addr);
  await client.hearUntil(GREETING);

  await client.say(clientFrame(8, NORMAL));

  assertEquals(await client.hearAll(), Uint8Array.of(0x88, 2, ...NORMAL));
});
