// Answers what examples/traces/ask.ts asks, and tells everybody: whoever follows the
// question sees both, and what it took to find the words.
//
//   OTEL_DENO=true OTEL_EXPORTER_OTLP_PROTOCOL=http/json \
//     deno run -A cli.ts start examples/traces/handler.ts
import { defineHandler } from "@gatewayworker/core";

export default defineHandler({
  request: async (event, cluster) => {
    if (event.name !== "greet") return undefined;
    const name = String(event.data());
    // The runtime makes a span of it, and hands the trace on to whoever is asked.
    const words = await fetch(`data:text/plain,Hello`);
    await cluster.sendToAll(`${name} is here`);
    return `${await words.text()}, ${name}`;
  },
});
