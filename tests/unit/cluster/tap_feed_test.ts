import { assertEquals } from "@std/assert";
import { MAX_FED, TapFeed } from "../../../lib/cluster/tap_feed.ts";
import type { TapRow } from "../../../lib/wire/bodies/tap.ts";

function row(bytes: number, left?: number): TapRow {
  return {
    time: 0,
    way: "in",
    client: "c",
    kind: "message",
    bytes,
    ...(left !== undefined && { left }),
  };
}

Deno.test("a feed keeps so many frames for who does not read, counts the rest with what gateways left out, and says so", async () => {
  const feed = new TapFeed();
  for (let i = 0; i < MAX_FED + 5; i++) feed.push(row(i, i >= MAX_FED ? 2 : 0));

  for (let i = 0; i < MAX_FED; i++) assertEquals(await feed.next(), row(i, 0));
  const said = await feed.next();
  feed.push(row(7));

  assertEquals(said && { ...said, time: 0 }, {
    time: 0,
    way: "out",
    client: "",
    kind: "left out",
    bytes: 0,
    left: 15,
  });
  assertEquals(await feed.next(), row(7));
});

Deno.test("a feed that ends wakes who waits for it", async () => {
  const feed = new TapFeed();
  const next = feed.next();

  feed.end();

  assertEquals(await next, undefined);
});
