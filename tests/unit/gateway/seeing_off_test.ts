import { assertEquals } from "@std/assert";
import { type TestClient, TestGateway } from "./_test_gateway.ts";

/** A client that says goodbye, and whether it was told that it has its answers. */
function sayGoodbye(client: TestClient) {
  const goodbye = { isAwaited: false, isAnswered: false };
  goodbye.isAwaited = client.client.onLeaving(() => goodbye.isAnswered = true);
  return goodbye;
}

/** A worker that has been told of a client, and is done with that. */
function meet() {
  const gateway = new TestGateway();
  const worker = gateway.addWorker();
  const client = gateway.addClient();
  worker.acknowledge();
  return { gateway, worker, client };
}

Deno.test("a client that owes nothing and is owed nothing leaves at once", () => {
  const { client } = meet();

  assertEquals(sayGoodbye(client).isAwaited, false);
});

Deno.test("a client without a worker leaves at once", () => {
  const gateway = new TestGateway();
  const client = gateway.addClient();
  client.say("request");

  assertEquals(sayGoodbye(client).isAwaited, false);
});

Deno.test("a client leaves when its last event is acknowledged, and not before", () => {
  const { gateway, worker, client } = meet();
  const other = gateway.addClient();
  client.say("first");
  client.say("last");
  other.say("later");
  const goodbye = sayGoodbye(client);

  assertEquals(goodbye, { isAwaited: true, isAnswered: false });
  worker.acknowledge(2);
  assertEquals(goodbye.isAnswered, false);
  worker.acknowledge(1);

  assertEquals(goodbye.isAnswered, true);
});

Deno.test("a client whose events take long leaves when they are done", () => {
  const { worker, client } = meet();
  client.say("slow");
  client.say("waits");
  const { connectionId, eventNumber } = client.client.route;
  worker.deferUpTo(connectionId, eventNumber);
  client.say("waits here");
  const goodbye = sayGoodbye(client);

  worker.acknowledge();
  assertEquals(goodbye, { isAwaited: true, isAnswered: false });
  worker.releaseUpTo(connectionId, eventNumber);
  assertEquals(goodbye.isAnswered, false);
  worker.acknowledge();

  assertEquals(goodbye.isAnswered, true);
});

Deno.test("a client whose events are deferred after its goodbye leaves when they are done", () => {
  const { worker, client } = meet();
  client.say("slow");
  const { connectionId, eventNumber } = client.client.route;
  const goodbye = sayGoodbye(client);

  worker.deferUpTo(connectionId, eventNumber);
  worker.acknowledge();
  assertEquals(goodbye, { isAwaited: true, isAnswered: false });
  worker.releaseUpTo(connectionId, eventNumber);

  assertEquals(goodbye.isAnswered, true);
});

Deno.test("a client whose events wait for room leaves when they were sent and acknowledged", () => {
  const gateway = new TestGateway({ window: 1 });
  const worker = gateway.addWorker();
  const client = gateway.addClient();
  client.say("waits");
  const goodbye = sayGoodbye(client);

  worker.acknowledge();
  assertEquals(goodbye, { isAwaited: true, isAnswered: false });
  worker.acknowledge();

  assertEquals(goodbye.isAnswered, true);
});

Deno.test("a client whose worker is lost leaves when another one has answered", () => {
  const { gateway, worker, client } = meet();
  client.say("request");
  const goodbye = sayGoodbye(client);

  worker.lose();
  const next = gateway.addWorker();
  assertEquals(goodbye, { isAwaited: true, isAnswered: false });
  next.acknowledge();

  assertEquals(goodbye.isAnswered, true);
});

Deno.test("a client that is gone before it has its answers is not told of them", () => {
  const { worker, client } = meet();
  client.say("request");
  const goodbye = sayGoodbye(client);

  client.leave();
  worker.acknowledge();

  assertEquals(goodbye, { isAwaited: true, isAnswered: false });
  assertEquals(worker.link.handover.size, 0);
});
