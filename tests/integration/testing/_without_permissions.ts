import { TestCluster } from "../../../lib/testing/mod.ts";

await using cluster = await TestCluster.start((event) =>
  event.type === "message" ? `echo ${event.text()}` : undefined
);
const client = await cluster.connect();
await client.send("hello");
Deno.stdout.writeSync(new TextEncoder().encode(`${await client.next()}\n`));
