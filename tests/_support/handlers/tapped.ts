/** For tests of taps: logs in whoever names itself, and answers all with a secret. */
import type { HandlerEvent } from "@gatewayworker/core";

export default async function handle(event: HandlerEvent) {
  switch (event.type) {
    case "message": {
      const { uid } = event.json() as { uid?: string };
      if (uid !== undefined) await event.client.bindUid(uid);
      return JSON.stringify({ answer: "secret", to: [1, 2] });
    }
    case "request":
      return event.answer({ sum: 42 });
  }
}
