/** Where the runtime exports no spans, nothing is traced, and clients need not know. @module */
import { assertEquals } from "@std/assert";
import { connect } from "@gatewayworker/core/client";
import { tracedSocket } from "@gatewayworker/core/client/trace";
import { startCluster } from "../_support/cluster.ts";
import { LastingClient } from "../_support/lasting_client.ts";
import { LogLines } from "../_support/log_lines.ts";

const CONTEXT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const BARE = { sanitizeOps: false, sanitizeResources: false };

Deno.test(
  "a gateway whose runtime exports no spans says so, and is told of no trace by clients",
  BARE,
  async () => {
    await using log = await LogLines.collect();
    await using cluster = await startCluster({
      handler: (event) => event.type === "message" ? event.text() : undefined,
      gateway: { resume: {}, traceSample: 1 },
    });
    const { port } = cluster.gateway.addr;
    const WebSocket = tracedSocket({ traceparent: () => CONTEXT });
    const client = connect(`ws://127.0.0.1:${port}`, { WebSocket });
    const heard = new Promise((resolve) => client.on("message", resolve));

    await client.send("hello");

    assertEquals([client.state, await heard], ["open", "hello"]);
    client.close();
    assertEquals(
      log.lines.filter((line) => line.startsWith("Traces nothing")),
      [
        "Traces nothing, as the runtime exports no spans: set OTEL_DENO=true, or leave trace-sample out",
      ],
    );
  },
);

Deno.test("a client that speaks of traces where nobody knows them has broken a rule", async () => {
  await using cluster = await startCluster({
    handler: () => {},
    gateway: { resume: {} },
  });
  const [client, welcome] = await LastingClient.connect(cluster.gateway.addr);

  await client.say(`c${CONTEXT}`);

  assertEquals("trace" in welcome, false);
  assertEquals(
    await client.hearBut("a"),
    "[1002 no such frame may come here]",
  );
  client[Symbol.dispose]();
});
