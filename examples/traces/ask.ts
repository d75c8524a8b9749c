// deno-lint-ignore-file no-console -- a program: it tells what it did
// A client that begins a trace: it asks once, and says of which trace the question is.
//
//   deno run --allow-net examples/traces/ask.ts
//
// ASK_URL is where the gateway listens, if elsewhere; with --allow-env.
import { connect } from "@gatewayworker/core/client";
import { tracedSocket } from "@gatewayworker/core/client/trace";

const { state: mayRead } = Deno.permissions.querySync({ name: "env" });
const url = mayRead === "granted" ? Deno.env.get("ASK_URL") : undefined;

/** In a page with OpenTelemetry, this is made of the span that is active. */
let current: string | undefined;

const client = connect(url ?? "ws://127.0.0.1:8282", {
  WebSocket: tracedSocket({ traceparent: () => current }),
});
await new Promise<void>((resolve) => {
  client.on("state", (state) => state === "open" && resolve());
});

const trace = crypto.randomUUID().replaceAll("-", "");
current = `00-${trace}-${trace.slice(0, 16)}-01`;
const answer = client.request("greet", "Ann");
current = undefined;
console.log(`${await answer}, in trace ${trace}`);
client.close();
