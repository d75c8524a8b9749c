/**
 * One message is followed through processes: spans are read back from a collector.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { connect } from "@gatewayworker/core/client";
import { tracedSocket } from "@gatewayworker/core/client/trace";
import { Collector, type Span } from "../_support/collector.ts";
import {
  clientUrl,
  handlerPath,
  registerAddress,
  startAllAt,
} from "../_support/commands.ts";
import { startCli } from "../_support/processes.ts";
import { TestClient } from "../_support/test_client.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CLIENT_SPAN = "b7ad6b7169203331";

function named(spans: readonly Span[], name: string): Span {
  const span = spans.find((each) => each.name === name);
  assert(span, `no span "${name}" among ${spans.map((each) => each.name)}`);
  return span;
}

Deno.test("a trace goes from client or gateway through the worker, what it fetches, and the gateways of those who are told", async () => {
  await using collector = new Collector();
  const register = registerAddress();
  const options = { env: collector.env };
  await using _cluster = startAllAt(register, handlerPath("traced"), [
    "--resume",
    "--workers=1",
    "--name=one",
  ], options);
  await using other = startCli([
    "gateway",
    "--name=two",
    "--trace-sample=1",
    `--register=${register}`,
    "--start-port=0",
    "--listen=ws://127.0.0.1:0",
  ], options);
  const url = await clientUrl(_cluster);
  const second = /ws:\S+[^,\s)]/.exec(await other.line(/ws:/))?.[0] ?? "";
  const bound = await TestClient.connect(second);
  bound.send("ann");
  assertEquals(await bound.hear(), "bound ann");
  let current: string | undefined;
  const WebSocket = tracedSocket({ traceparent: () => current });
  const client = connect(url, { WebSocket });
  await new Promise<void>((resolve) => {
    client.on("state", (state) => state === "open" && resolve());
  });

  // The first gateway says that it does not have that uid: it is told no more.
  const untraced = client.request("go", { url: collector.url, uid: "ann" });
  assertEquals(await untraced, "done");
  assertEquals(await bound.hear(), "told");
  current = `00-${TRACE}-${CLIENT_SPAN}-01`;
  const answer = client.request("go", { url: collector.url, uid: "ann" });
  current = undefined;
  assertEquals(await answer, "done");
  assertEquals(await bound.hear(), "told");
  const spans = await collector.until((all) =>
    all.filter(({ traceId }) => traceId === TRACE).length >= 5
  );

  const ours = spans.filter(({ traceId }) => traceId === TRACE);
  const forward = named(ours, "forward request");
  const process = named(ours, "process request");
  const asked = named(ours, "GET");
  const told = named(ours, "deliver uid");
  const answered = named(ours, "deliver client");
  assertEquals(ours.length, 5);
  assertEquals(forward.parentSpanId, CLIENT_SPAN);
  assertEquals(process.parentSpanId, forward.spanId);
  assertEquals(
    [asked, told, answered].map(({ parentSpanId }) => parentSpanId),
    [process.spanId, process.spanId, process.spanId],
  );
  assertEquals(
    [forward, process, told, answered].map(({ attributes }) =>
      attributes["messaging.client.id"]
    ),
    ["one", "one", "two", "one"],
  );
  assert(collector.asked.includes(`00-${TRACE}-${asked.spanId}-01`));
  assertEquals(Number(told.attributes["messaging.batch.message_count"]), 1);
  assertEquals(process.attributes["messaging.system"], "gatewayworker");
  // What nobody asked for, a gateway traces if it was told to.
  const begun = spans.filter(({ traceId, scope }) =>
    traceId !== TRACE && scope === "@gatewayworker/core"
  );
  const said = named(begun, "forward message");
  // The runtime has what follows a fetch be part of it, in a trace of its own.
  const same = begun.filter(({ traceId }) => traceId === said.traceId);
  const handled = named(same, "process message");
  assertEquals(said.parentSpanId, "");
  assertEquals(handled.parentSpanId, said.spanId);
  assertEquals(named(same, "deliver client").parentSpanId, handled.spanId);
  assertEquals(
    begun.filter(({ name }) => name.startsWith("forward"))
      .map(({ attributes }) => attributes["messaging.client.id"]),
    ["two", "two"],
  );
  client.close();
  await bound.close();
});
