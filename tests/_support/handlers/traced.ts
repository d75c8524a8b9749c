/** For tests of traces: asks another server, tells a uid, and answers. */
import type { Cluster, HandlerEvent } from "@gatewayworker/core";

export default async function handle(event: HandlerEvent, cluster: Cluster) {
  switch (event.type) {
    case "message":
      await event.client.bindUid(event.text());
      return `bound ${event.text()}`;
    case "request": {
      const { url, uid } = event.data() as { url: string; uid: string };
      await (await fetch(url)).body?.cancel();
      await cluster.sendToUid(uid, "told");
      return event.answer("done");
    }
  }
}
