import { assertEquals } from "@std/assert";
import {
  Route,
  type RouteState,
} from "../../../../lib/gateway/workers/route.ts";
import { type TestClient, TestGateway } from "../_test_gateway.ts";

function newRoute(): Route {
  return new Route(1, { connection: undefined, state: new Uint8Array(0) });
}

function stateOf({ client }: TestClient): RouteState {
  return client.route.state;
}

Deno.test("Route waits for one thing at a time", () => {
  const route = newRoute();
  const [parked, blocked] = [new Set<Route>(), new Set<Route>()];

  route.wait("parked", parked);
  route.wait("blocked", blocked);

  assertEquals(route.state, "blocked");
  assertEquals([parked.size, blocked.size], [0, 1]);
  route.defer();
  assertEquals(route.state, "deferred");
  assertEquals(blocked.size, 0);
});

Deno.test("Route keeps its turn if it goes on waiting for the same", () => {
  const [first, second] = [newRoute(), newRoute()];
  const queue = new Set<Route>();

  for (const route of [first, second, first]) route.wait("blocked", queue);

  assertEquals([...queue], [first, second]);
});

Deno.test("Route is parked without a worker, and flows when one is there", () => {
  const gateway = new TestGateway();
  const client = gateway.addClient();

  assertEquals(stateOf(client), "parked");
  gateway.addWorker();

  assertEquals(stateOf(client), "flowing");
});

Deno.test("Route is blocked while a window is full", () => {
  const gateway = new TestGateway({ window: 1_000 });
  const worker = gateway.addWorker();
  const client = gateway.addClient();
  for (let each = 0; each < 20; each++) client.say("x".repeat(100));

  assertEquals(stateOf(client), "blocked");
  while (client.client.route.waiting !== undefined) worker.acknowledge();

  assertEquals(stateOf(client), "flowing");
});

Deno.test("Route is handed over when a worker that leaves has done what it got", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker();
  const client = gateway.addClient();
  worker.drain();
  const next = gateway.addWorker();
  client.say("later");

  assertEquals(stateOf(client), "handover");
  worker.acknowledge();

  assertEquals(stateOf(client), "flowing");
  assertEquals(client.client.route.link, next.link);
});

Deno.test("Route is deferred until a handler is done that takes long", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker();
  const client = gateway.addClient();
  const { connectionId, eventNumber } = client.client.route;
  worker.deferUpTo(connectionId, eventNumber);
  client.say("later");

  assertEquals(stateOf(client), "deferred");
  worker.releaseUpTo(connectionId, eventNumber);

  assertEquals(stateOf(client), "flowing");
});

Deno.test("Route of a lost worker is parked with all that was not acknowledged", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker();
  const client = gateway.addClient();
  client.say("once more");
  worker.lose();

  assertEquals(stateOf(client), "parked");
  assertEquals(client.client.route.waiting?.length, 2);
});
