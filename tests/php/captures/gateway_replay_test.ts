import { assertEquals } from "@std/assert";
import { readCaptures } from "./capture.ts";
import { canReplayToGateway, replayToGateway } from "./gateway_replay.ts";

/** Where a replay differs in one connection, and why. */
const KNOWN: Readonly<Record<string, string>> = {
  "13-ws-bad-upgrade":
    "a fake client has no handshake before which a message would be lost",
  "15-text-client": "a message of two lines is recorded as two",
  "26-worker-event-session":
    "a question and a save of one millisecond are recorded on two connections",
  "51-gateway-edges":
    "a message that is an object is refused, where the original makes JSON of it",
};

for (const [name, capture] of readCaptures()) {
  if (!canReplayToGateway(capture)) continue;
  Deno.test(`a gateway of ours answers and sends what is recorded: ${name}`, async () => {
    const differences = await replayToGateway(capture);
    if (name in KNOWN) assertEquals(differences.length, 1);
    else assertEquals(differences, []);
  });
}
