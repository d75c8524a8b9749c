import { assertEquals } from "@std/assert";
import { CLIENT_CASES, judgeClient } from "./v1/cases.ts";
import { runEchoClient } from "./v1/echo_client.ts";
import { Stage } from "./v1/far_end.ts";

Deno.test({
  name: "the suite answers a client's ping with the count that it has sent",
  // As below.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using stage = new Stage();
    const client = new WebSocket(stage.url, "gatewayworker.v1");
    const pong = new Promise((resolve) => {
      client.onmessage = ({ data }) => data[0] === "p" && resolve(data);
    });
    client.onopen = () => client.send('h{"t":"","r":0}');
    const end = await stage.next();
    await end.hello();
    stage.welcome(end, { gap: 2, resumed: true });
    end.send("mone", "g4", "a0");

    client.send("p0");
    client.send("mlast");

    await end.expect("mlast");
    assertEquals(await pong, "p7");
    client.close();
  },
});

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
