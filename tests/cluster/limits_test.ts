/** Gateways of one supervisor keep limits together, as real processes. @module */

import { assertEquals } from "@std/assert";
import {
  clientUrl,
  handlerPath,
  registerAddress,
  startAllAt,
} from "../_support/commands.ts";
import { getAvailablePorts, type TestProcess } from "../_support/processes.ts";
import { TestClient } from "../_support/test_client.ts";

/** In a row, so that each gateway of a shared port had some of them. */
const TRIES = 12;

/** However busy the machine is, gateways have heard of each other by then. */
const MOST_TRIES = 300;

function start(limits: string): TestProcess {
  const listen = `ws://127.0.0.1:${getAvailablePorts(1)}`;
  return startAllAt(registerAddress(), handlerPath("named"), [
    "--gateways=2",
    "--workers=1",
    `--listen=${listen}`,
    `--start-port=${getAvailablePorts(2)}`,
    `--limits=${limits}`,
  ]);
}

/** Comes as somebody; returns the client, or the code that it was closed with. */
async function login(url: string, uid: string): Promise<TestClient | number> {
  const client = await TestClient.connect(url);
  client.send(uid);
  const hello = client.hear();
  await Promise.race([hello, client.closed]);
  // Who is one too many is told so right behind the answer.
  client.send(uid);
  const again = hello.then(() => client.hear());
  const end = await Promise.race([
    again.then(() => undefined),
    client.closed.then(({ code }) => code),
  ]);
  return end ?? client;
}

Deno.test("two gateways of a supervisor let a uid have as many clients as one would", async () => {
  await using process = start("uid-connections=2");
  const url = await clientUrl(process);
  const stay = [await login(url, "ann"), await login(url, "ann")];
  assertEquals(stay.filter((each) => typeof each === "number"), []);

  // Gateways hear of each other four times a second: until then one more may come in.
  let refused = 0;
  for (let tries = 0; tries < MOST_TRIES && refused < TRIES; tries++) {
    const more = await login(url, "ann");
    refused = typeof more === "number" ? refused + 1 : 0;
    if (typeof more === "number") assertEquals(more, 4014);
    else await more.close();
  }
  assertEquals(refused, TRIES);

  for (const client of stay) {
    if (typeof client === "number") continue;
    client.send("ann");
    assertEquals(await client.hear(), "ann");
    await client.close();
  }
});
