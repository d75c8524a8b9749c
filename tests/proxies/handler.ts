/**
 * What the workers behind the proxies run: it greets, sends back what comes, and pours
 * out bytes for one that does not read.
 *
 * @module
 */
import type { Cluster, HandlerClient, HandlerEvent } from "@gatewayworker/core";

/** What is sent to a client that wants to be flooded: more than any buffers hold. */
const FLOOD = { pieces: 512, piece: "x".repeat(65_536) };

/** Greets with the client's address and id, and answers messages with themselves. */
export default async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<string | Uint8Array | undefined> {
  switch (event.type) {
    case "connect":
      return `hello ${event.client.remoteAddress} ${event.client.id}`;
    case "message": {
      if (event.binary) return event.bytes();
      if (event.text() !== "flood") return event.text();
      await flood(event.client, cluster);
      return undefined;
    }
    case "close":
      say(`closed ${event.client.id} ${event.code}`);
  }
  return undefined;
}

/** Sends no faster than the gateway takes it, for a client that does not read. */
async function flood(
  client: HandlerClient,
  cluster: Cluster,
): Promise<void> {
  for (let i = 0; i < FLOOD.pieces; i++) {
    client.send(FLOOD.piece);
    await cluster.isOnline(client.id);
  }
  say(`flooded ${client.id}`);
}

function say(line: string): void {
  // deno-lint-ignore no-console -- read by the task that started this worker
  console.log(line);
}
