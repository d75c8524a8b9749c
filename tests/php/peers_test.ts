import { assertEquals } from "@std/assert";
import {
  PhpGatewayClient,
  phpTest,
  startPhpGateway,
  startPhpRegister,
  startPhpWorker,
} from "../_support/php_peers.ts";
import { TestClient } from "../_support/test_client.ts";
import { eventually } from "../_support/eventually.ts";

phpTest("nodes of the original make a cluster for tests", async () => {
  const { node, address: register } = await startPhpRegister();
  await using _register = node;
  const gateway = await startPhpGateway({ register });
  await using _gateway = gateway.node;
  await using _worker = await startPhpWorker({ register });
  await using outside = new PhpGatewayClient({ register });
  await using client = await connect(gateway.url);
  client.send("hello");
  assertEquals(await client.hear(), "php:hello");
  assertEquals(await outside.call("getAllClientCount"), 1);
  await outside.call("sendToAll", "from outside");
  assertEquals(await client.hear(), "from outside");
});

/** Connects; the original drops a client while no worker is there. */
async function connect(url: string): Promise<TestClient> {
  let client: TestClient | undefined;
  await eventually("the original's gateway keeps a client", async () => {
    client = await TestClient.connect(url).catch(() => undefined);
    return client !== undefined;
  });
  return client as TestClient;
}
