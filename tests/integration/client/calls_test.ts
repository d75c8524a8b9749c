/**
 * Requests and answers both ways, between the client library and real handlers.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import type { Handler, RequestEvent } from "../../../mod.ts";
import { CallError } from "../../../lib/client/mod.ts";
import { startCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { TestLine } from "./_test_line.ts";

const BARE = { sanitizeOps: false, sanitizeResources: false };

/** Requests that are cancelled, by name. */
let cancelled: string[] = [];

const handler: Handler = async (event) => {
  if (event.type !== "request") return;
  const { name, signal } = event;
  signal.addEventListener("abort", () => cancelled.push(name));
  switch (name) {
    case "double":
      return event.answer(Number(event.data()) * 2);
    case "refuse":
      return event.fail("not-today", { until: "Monday" });
    case "throw":
      throw new TypeError("a secret");
    case "tell":
      return event.client.notify("told", event.data());
    case "count":
      for (let i = 1; i <= 3; i++) await event.part(i);
      return event.answer("done");
    case "on-and-on":
      return event.detach(goOn(event));
    case "for-ever":
      return event.detach(new Promise(() => {}));
  }
};

/** Sends parts until it is cancelled. */
async function goOn(event: RequestEvent): Promise<void> {
  for (let i = 1; !event.signal.aborted; i++) {
    await event.part(i).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function start() {
  cancelled = [];
  return startCluster({ handler, gateway: { resume: {} } });
}

Deno.test(
  "a request gets its answer, its failure, or no more than that it failed",
  BARE,
  async () => {
    await using cluster = await start();
    using line = new TestLine(cluster.gateway);
    const { socket } = line;

    assertEquals(await socket.request("double", 21), 42);
    const refused = await assertRejects(
      () => socket.request("refuse"),
      CallError,
      "not-today",
    );
    assertEquals(refused.data, { until: "Monday" });
    const failed = await assertRejects(
      () => socket.request("throw"),
      CallError,
    );
    assertEquals([failed.code, failed.data], ["failed", null]);
    await assertRejects(() => socket.request("nobody"), CallError, "unknown");
  },
);

Deno.test(
  "a request outlives the socket that it was made on",
  BARE,
  async () => {
    await using cluster = await start();
    using line = new TestLine(cluster.gateway);
    await line.opened();
    line.cable.freeze();
    const answer = line.socket.request("double", 4);
    line.cable.cut();
    line.cable.thaw();

    assertEquals(await answer, 8);
    assertEquals(line.told, [{ back: { missed: 0, resent: 1 } }]);
  },
);

Deno.test(
  "a request that takes too long, or that its signal takes back, is cancelled at the handler",
  BARE,
  async () => {
    await using cluster = await start();
    using line = new TestLine(cluster.gateway);
    const { socket } = line;

    await assertRejects(
      () => socket.request("for-ever", null, { timeout: 200 }),
      CallError,
      "timeout",
    );
    await eventually("it is cancelled", () => cancelled.length === 1);
    const stop = new AbortController();
    const asked = socket.request("for-ever", null, { signal: stop.signal });
    stop.abort(new RangeError("enough"));
    await assertRejects(() => asked, RangeError, "enough");
    await eventually("it is cancelled, too", () => cancelled.length === 2);
  },
);

Deno.test(
  "a stream gives its parts and returns its answer, and who leaves the loop cancels it",
  BARE,
  async () => {
    await using cluster = await start();
    using line = new TestLine(cluster.gateway);

    const parts = line.socket.stream("count");
    assertEquals(await parts.next(), { done: false, value: 1 });
    assertEquals(await parts.next(), { done: false, value: 2 });
    assertEquals(await parts.next(), { done: false, value: 3 });
    assertEquals(await parts.next(), { done: true, value: "done" });

    for await (const part of line.socket.stream("on-and-on")) {
      if (part === 2) break;
    }
    await eventually("it is cancelled", () => cancelled.includes("on-and-on"));

    const stop = new AbortController();
    const { signal } = stop;
    await assertRejects(
      async () => {
        for await (
          const part of line.socket.stream("on-and-on", 0, { signal })
        ) {
          if (part === 3) stop.abort(new RangeError("stopped"));
        }
      },
      RangeError,
      "stopped",
    );
  },
);

Deno.test(
  "typed events go both ways, and a worker knows when they are handled",
  BARE,
  async () => {
    await using cluster = await start();
    using line = new TestLine(cluster.gateway);
    const told = new Promise((resolve) => line.socket.handle("told", resolve));

    await line.socket.notify("tell", { a: 1 });

    assertEquals(await told, { a: 1 });
  },
);

Deno.test(
  "a program asks a client, and gets its answer, its failure, and who does not know",
  BARE,
  async () => {
    await using cluster = await start();
    await using outside = await cluster.outside();
    using line = new TestLine(cluster.gateway);
    line.socket.handle("sum", (data) => {
      const [a, b] = data as number[];
      return Number(a) + Number(b);
    });
    line.socket.handle("refuse", () => {
      throw new CallError("busy", 7);
    });
    await line.opened();
    const [client = ""] = await outside.getAllClientIdList();

    const sum = await outside.ask({ client }, "sum", [1, 2]);
    const busy = await outside.ask({ client }, "refuse");
    const unknown = await outside.ask({ client }, "nobody");

    assertEquals(sum.results, [{ clientId: client, value: 3 }]);
    assertEquals(sum.missing, []);
    assertEquals(busy.results, [{
      clientId: client,
      error: { code: "busy", data: 7 },
    }]);
    assertEquals(unknown.results, [{
      clientId: client,
      error: { code: "unknown", data: null },
    }]);
  },
);
