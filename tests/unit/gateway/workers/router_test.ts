import { assertEquals } from "@std/assert";
import { Router } from "../../../../lib/gateway/workers/router.ts";
import { TestGateway } from "../_test_gateway.ts";

function threeLinks() {
  const gateway = new TestGateway();
  const workers = Array.from({ length: 3 }, () => gateway.addWorker());
  return { router: gateway.router, workers };
}

Deno.test("Router.choose() takes the worker with the fewest clients, the earliest of several", () => {
  const { router, workers } = threeLinks();
  const chosen: (number | undefined)[] = [];

  for (let each = 0; each < 7; each++) {
    const link = router.choose();
    if (link !== undefined) link.clients++;
    chosen.push(workers.findIndex((worker) => worker.link === link));
  }

  assertEquals(chosen, [0, 1, 2, 0, 1, 2, 0]);
});

Deno.test("Router.choose() passes over workers that drain or are gone", () => {
  const { router, workers } = threeLinks();

  workers[0]?.drain();
  workers[1]?.lose();

  assertEquals(router.choose(), workers[2]?.link);
  assertEquals(router.links.size, 2);
  workers[2]?.drain();
  assertEquals(router.choose(), undefined);
});

Deno.test("Router.choose() chooses nobody where there is nobody", () => {
  assertEquals(new Router().choose(), undefined);
});
