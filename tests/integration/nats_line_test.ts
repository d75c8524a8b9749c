import { assert, assertEquals } from "@std/assert";
import { NatsLine } from "../../lib/nats/nats_line.ts";
import { eventually } from "../_support/eventually.ts";
import { NatsServer, WITH_NATS } from "../_support/nats_server.ts";

Deno.test(
  "NatsLine comes back to a server that was not there, and to one that was killed",
  WITH_NATS,
  async () => {
    await using server = new NatsServer();
    await using line = await NatsLine.open({ nats: server.url, name: "test" });
    const heard: string[] = [];
    using _subscription = line.subscribe("news", (bytes, reply) => {
      heard.push(`${new TextDecoder().decode(bytes)} ${reply}`);
    });
    const say = (text: string) =>
      line.publish("news", new TextEncoder().encode(text), "desk");

    assertEquals(say("too early"), false);
    await server.start();
    assert(await line.connected(5_000));
    assert(say("one"));
    assert(await line.flush(1_000));
    await server.kill();
    await eventually("the loss is noticed", () => !line.isConnected);
    assertEquals(say("lost"), false);
    await server.start();
    await eventually("it is connected again", () => line.isConnected);
    assert(say("two"));
    await eventually("both were heard", () => heard.length === 2);

    assertEquals(heard, ["one desk", "two desk"]);
    assertEquals(line.connects, 2);
    assertEquals(line.figures.refused, 2);
  },
);

Deno.test(
  "NatsLine takes no more than the server keeps up with",
  WITH_NATS,
  async () => {
    await using server = await NatsServer.start();
    await using line = await NatsLine.open({ nats: server.url, name: "test" });
    await line.connected(5_000);
    server.freeze();

    const chunk = new Uint8Array(64 * 1024);
    let taken = 0;
    while (taken < 1_000 && line.publish("news", chunk)) taken++;

    assertEquals(taken, 128);
    server.thaw();
    await eventually("there is room again", () => line.publish("news", chunk));
  },
);
