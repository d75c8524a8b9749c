import { assert, assertEquals } from "@std/assert";
import type { Routed } from "../../../../lib/gateway/workers/router.ts";
import type { RouteFunction } from "../../../../lib/gateway/workers/route_function.ts";
import { Router } from "../../../../lib/gateway/workers/router.ts";
import type { Wish } from "../../../../lib/gateway/workers/wish.ts";
import { TestGateway, type TestWorker } from "../_test_gateway.ts";

const COUNT = 1_000;

function threeLinks() {
  const gateway = new TestGateway();
  const workers = Array.from({ length: 3 }, () => gateway.addWorker());
  return { router: gateway.router, workers };
}

/** A client that is known by its uid, or by what it wishes. */
function routed(uid?: string, wish?: Wish): Routed {
  const client = { connection: undefined, state: new Uint8Array(), uid, wish };
  return { connectionId: 1, link: undefined, client };
}

/** Which of the workers each of many uids gets. */
function sharesOf(router: Router, workers: readonly TestWorker[]): number[] {
  return Array.from({ length: COUNT }, (_, index) => {
    const chosen = router.choose(routed(`user ${index}`));
    return workers.findIndex(({ link }) => link === chosen);
  });
}

Deno.test("Router.least() takes the worker with the fewest clients, the earliest of several", () => {
  const { router, workers } = threeLinks();
  const chosen: (number | undefined)[] = [];

  for (let each = 0; each < 7; each++) {
    const link = router.least();
    if (link !== undefined) link.clients++;
    chosen.push(workers.findIndex((worker) => worker.link === link));
  }

  assertEquals(chosen, [0, 1, 2, 0, 1, 2, 0]);
});

Deno.test("Router.least() gives a worker of twice the weight twice the clients", () => {
  const gateway = new TestGateway();
  const [light, heavy] = [
    gateway.addWorker(),
    gateway.addWorker(undefined, { weight: 2 }),
  ];

  for (let each = 0; each < 30; each++) {
    const link = gateway.router.least();
    if (link !== undefined) link.clients++;
  }

  assertEquals([light.link.clients, heavy.link.clients], [10, 20]);
});

Deno.test("Router.least() passes over workers that drain or are gone", () => {
  const { router, workers } = threeLinks();

  workers[0]?.drain();
  workers[1]?.lose();

  assertEquals(router.least(), workers[2]?.link);
  assertEquals(router.links.size, 2);
  workers[2]?.drain();
  assertEquals(router.least(), undefined);
});

Deno.test("Router.least() chooses nobody where there is nobody", () => {
  assertEquals(new Router().least(), undefined);
});

Deno.test("Router.choose() by uid shares uids out by weight, at each gateway alike", () => {
  const traits = [
    { instance: "a" },
    { instance: "b" },
    { instance: "c", weight: 2 },
  ];
  const shares = [traits, traits.toReversed()].map((order) => {
    const gateway = new TestGateway({ rule: { kind: "uid" } });
    const workers = order.map((each) => gateway.addWorker(undefined, each));
    return sharesOf(gateway.router, workers).map((index) =>
      order[index]?.instance
    );
  });

  assertEquals(shares[0], shares[1]);
  for (const { instance, weight = 1 } of traits) {
    const part = (shares[0] ?? []).filter((each) => each === instance).length;
    const due = COUNT * weight / 4;
    assert(part > due * 0.8 && part < due * 1.2, `${instance} has ${part}`);
  }
});

Deno.test("Router.choose() by uid moves the share of a worker that comes or goes, and nobody else", () => {
  const gateway = new TestGateway({ rule: { kind: "uid" } });
  const add = (instance: string) => gateway.addWorker(undefined, { instance });
  const workers = ["a", "b", "c"].map(add);
  const before = sharesOf(gateway.router, workers);

  workers.push(add("d"));
  const with4 = sharesOf(gateway.router, workers);
  const moved = with4.filter((each, index) => each !== before[index]);
  assert(moved.every((each) => each === 3));
  assert(moved.length > COUNT / 4 * 0.8 && moved.length < COUNT / 4 * 1.2);

  workers[0]?.drain();
  const without = sharesOf(gateway.router, workers);
  assert(without.every((each) => each !== 0));
  assert(with4.every((each, index) => each === 0 || each === without[index]));
});

Deno.test("Router.choose() by label takes those that have it, and nobody where none has", () => {
  const gateway = new TestGateway({
    rule: { kind: "label", asks: undefined },
  });
  const chess = gateway.addWorker(undefined, {
    labels: { game: "chess", zone: "eu" },
  });
  const any = gateway.addWorker();
  const wish = (labels: Record<string, string>) => routed("ann", { labels });
  const { router } = gateway;

  assertEquals(router.choose(wish({ game: "chess" })), chess.link);
  const both = wish({ game: "chess", zone: "eu" });
  assertEquals(router.choose(both), chess.link);
  assertEquals(router.choose(wish({ game: "go" })), undefined);
  assertEquals(router.choose(wish({ game: "chess", zone: "us" })), undefined);
  assertEquals(router.lackOf(wish({ game: "go" })), "game=go");
  chess.link.clients = 5;
  assertEquals(router.choose(routed("ann")), any.link);
});

Deno.test("Router.choose() by a function that promises something takes whoever has fewest, whatever becomes of that", async () => {
  const choose = () => Promise.reject(new TypeError("not today"));
  const gateway = new TestGateway({
    rule: { kind: "function", choose: choose as unknown as RouteFunction },
  });
  const { link } = gateway.addWorker();

  assertEquals(gateway.router.choose(routed("ann")), link);
  // Were it nobody's, its rejection would end the process in the next turn.
  await new Promise((resolve) => setTimeout(resolve, 0));
});

Deno.test("Router.choose() by a function takes what it returns, and whoever has fewest where that is nobody's", () => {
  const seen: unknown[] = [];
  let answer: "last" | "none" | "wrong" | "throw" = "last";
  const gateway = new TestGateway({
    rule: {
      kind: "function",
      choose: ({ uid }, workers) => {
        seen.push(uid);
        if (answer === "throw") throw new TypeError("not today");
        if (answer === "none") return undefined;
        const last = workers.at(-1);
        if (last === undefined) throw new TypeError("there is none");
        return answer === "last" ? last : { ...last, id: "another" };
      },
    },
  });
  const [first, last] = [gateway.addWorker(), gateway.addWorker()];
  const { router } = gateway;

  assertEquals(router.choose(routed("ann")), last.link);
  answer = "wrong";
  assertEquals(router.choose(routed("ben")), first.link);
  answer = "throw";
  assertEquals(router.choose(routed("cleo")), first.link);
  answer = "none";
  assertEquals(router.choose(routed("dan")), undefined);
  assertEquals(seen, ["ann", "ben", "cleo", "dan"]);
});
