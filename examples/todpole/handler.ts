// Tadpoles in a pond: swim, talk, see the others come and go. From the checkout:
//
//   deno run -A cli.ts start examples/todpole/handler.ts --ping-interval 10 --ping-data '{"type":"ping"}'
//
// then open http://127.0.0.1:8383 in two tabs. The messages are those of the original
// Todpole, so its front end works with this handler too. TODPOLE_PORT moves the page;
// TODPOLE_GATEWAY is the host:port it connects to, if that is not port 8282 of its own host.
import type { Cluster, HandlerClient, HandlerEvent } from "@gatewayworker/core";
import { decode, encode } from "./message.ts";
import { Page } from "../page.ts";

/** The largest prime number that JavaScript counts up to without rounding. */
const LARGEST_PRIME = 9_007_199_254_740_881n;

const page = new Page({
  name: "Todpole",
  file: new URL("index.html", import.meta.url),
});

/** Remembers nothing: what there is to know of a tadpole is in its messages. */
export default async function handle(event: HandlerEvent, cluster: Cluster) {
  switch (event.type) {
    case "start":
      await page.open();
      break;
    case "connect":
      return encode("welcome", { id: numberOf(event.client) });
    case "message":
      await receive(event.text(), event.client, cluster);
      break;
    case "close":
      await cluster.sendToAll(encode("closed", { id: numberOf(event.client) }));
      break;
    case "stop":
      await page.close();
  }
  return undefined;
}

async function receive(json: string, client: HandlerClient, cluster: Cluster) {
  const id = numberOf(client);
  const message = decode(json);
  switch (message.type) {
    case "message":
      await cluster.sendToAll(
        encode("message", { id, message: message.message }),
      );
      break;
    case "update": {
      const { name = guestName(id), ...place } = message;
      const update = encode("update", {
        id,
        ...place,
        name,
        life: 1,
        authorized: false,
      });
      // Of a tadpole whose last place did not get through yet, only the newest counts.
      await cluster.sendToAll(update, { policy: "latest", key: `${id}` });
      break;
    }
    default: // Logins and the like, which the original ignores too.
  }
}

/** The original has the whole number, which was short there. */
function guestName(id: number): string {
  return `Guest.${id % 10_000}`;
}

/** The page wants numbers: a client id is one of 80 bits, of which 53 are left here. */
function numberOf({ id }: HandlerClient): number {
  return Number(BigInt(`0x${id}`) % LARGEST_PRIME);
}
