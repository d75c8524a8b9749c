import { assertEquals } from "@std/assert";
import { CLIENT_CASES, judgeClient } from "./v1/cases.ts";
import { runEchoClient } from "./v1/echo_client.ts";
import { Stage } from "./v1/far_end.ts";

Deno.test({
  name: "the client library passes the suite for clients of gatewayworker.v1",
  // What is closed on either side ends a while later.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using stage = new Stage();
    using _client = runEchoClient(stage.url);
    const cases = CLIENT_CASES.filter(({ isSlow }) => !isSlow);

    const broken: string[] = [];
    for await (const { id, title, failure } of judgeClient(stage, cases)) {
      if (failure !== undefined) broken.push(`${id} ${title}: ${failure}`);
    }

    assertEquals(broken, []);
  },
});
