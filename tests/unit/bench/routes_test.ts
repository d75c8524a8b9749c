import { assert, assertEquals } from "@std/assert";
import {
  helloOf,
  type Pattern,
  planRoutes,
  type Route,
} from "../../bench/load/routes.ts";

function routes(pattern: Pattern, clients: number, depth = 1): Route[] {
  return planRoutes({ pattern, clients, depth, groupSize: 10 });
}

/** Clients that a route reaches. */
function reached({ stride, offset }: Route, clients: number): number[] {
  return Array.from({ length: clients }, (_, i) => i).filter((i) =>
    i % stride === offset
  );
}

Deno.test("planRoutes() lets every client of an echo reach itself alone", () => {
  for (const route of routes("echo", 5)) {
    assertEquals(reached(route, 5), [route.sender]);
  }
});

Deno.test("planRoutes() gives every client another one to write to", () => {
  for (const clients of [2, 3, 100, 901]) {
    const plan = routes("direct", clients);

    assertEquals(new Set(plan.map(({ offset }) => offset)).size, clients);
    assert(plan.every(({ sender, target }) => sender !== target));
  }
});

Deno.test("planRoutes() counts the receivers of every group, and senders are among them", () => {
  for (const clients of [10, 33, 95]) {
    for (const route of routes("group", clients, 4)) {
      const members = reached(route, clients);

      assertEquals(members.length, route.receivers);
      assert(members.includes(route.sender));
    }
  }
});

Deno.test("planRoutes() lets as many different clients broadcast as are in flight", () => {
  const plan = routes("broadcast", 900, 16);

  assertEquals(new Set(plan.map(({ sender }) => sender)).size, 16);
  assert(plan.every(({ receivers }) => receivers === 900));
});

Deno.test("helloOf() names the client's group, and how many more to join", () => {
  const plan = {
    pattern: "group",
    clients: 20,
    depth: 1,
    groupSize: 10,
  } as const;

  assertEquals(helloOf(plan, 3), "+aaab");
  assertEquals(helloOf({ ...plan, joins: 7 }, 3), "+aaab 7");
});
