import { assert, assertEquals, assertRejects } from "@std/assert";
import { Gateway, type HandlerEvent } from "@gatewayworker/core";
import { startCluster } from "../../_support/cluster.ts";
import { clientFrame } from "../../unit/transport/_feed.ts";
import { RawClient } from "../../unit/transport/_raw_client.ts";

const MESSAGE = clientFrame(2, new Uint8Array(100_000));
const LINE = new Uint8Array(100_000).fill(97);

/** A worker that tells which client was the first to leave, and echoes. */
function lookout() {
  const web = new Set<string>();
  const left = Promise.withResolvers<"web" | "text">();
  const handler = (event: HandlerEvent) => {
    if (event.type === "message") return event.text();
    if (event.type === "connect" && event.request) web.add(event.client.id);
    if (event.type === "close") {
      left.resolve(web.has(event.client.id) ? "web" : "text");
    }
    return undefined;
  };
  return { handler, left: left.promise };
}

Deno.test("unfinished messages of all listeners together are bounded", async () => {
  const { handler, left } = lookout();
  await using cluster = await startCluster({
    handler,
    gateway: {
      maxMessage: 150_000,
      maxUnfinished: 150_000,
      listen: ["ws://127.0.0.1:0", "text://127.0.0.1:0"],
    },
  });
  const [web, text] = cluster.gateway.addrs;
  assert(web !== undefined && text !== undefined);
  using one = await RawClient.upgrade(web);
  using other = await RawClient.dial(text);

  // Which of them is read first, and so is the older one, nobody can tell.
  await one.say(MESSAGE.slice(0, -1));
  await other.say(LINE);
  const isOneLeft = await left === "text";
  await (isOneLeft ? one.say(MESSAGE.slice(-1)) : other.say("\n"));

  const survivor = isOneLeft ? one : other;
  assertEquals((await survivor.hear(100_000)).length, 100_000);
});

Deno.test("Gateway.start() refuses to bound unfinished messages below one message", async () => {
  await assertRejects(
    () => Gateway.start({ maxMessage: 1_000, maxUnfinished: 999 }),
    RangeError,
    "maxUnfinished",
  );
});
