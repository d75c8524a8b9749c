/** A test of that handler, without a socket. @module */
import { TestCluster } from "@gatewayworker/core/testing";
import { equal } from "node:assert/strict";
import handler from "./handler.ts";

Deno.test("what one says is answered", async () => {
  await using cluster = await TestCluster.start(handler);
  const ann = await cluster.connect();

  await ann.send("hello");

  equal(await ann.next(), "you said hello");
});
