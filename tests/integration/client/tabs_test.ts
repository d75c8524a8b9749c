/**
 * Tabs that share a connection, over real sockets, with channels and locks that a
 * browser would give them. `tests/client_library` has them in a browser.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { defineHandler } from "../../../mod.ts";
import { CallError, connectShared } from "../../../lib/client/tabs/mod.ts";
import type { SharedOptions } from "../../../lib/client/tabs/shared_client.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { type FakeTab, FakeTabs } from "../../_support/fake_tabs.ts";

const handler = defineHandler({
  message: async (event, cluster) => {
    await cluster.sendToAll(event.text());
  },
  request: async (event) => {
    if (event.name === "late") {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (event.name === "bytes") return new Uint8Array([1, 2, 3]);
    return [event.name, event.data(), event.client.id];
  },
});

class Stage implements AsyncDisposable {
  readonly cluster: TestCluster;
  readonly #tabs: FakeTabs;
  readonly #open: FakeTab[] = [];

  private constructor(cluster: TestCluster, lag?: () => number) {
    this.cluster = cluster;
    const url = `ws://127.0.0.1:${cluster.gateway.addr.port}`;
    this.#tabs = new FakeTabs(url, lag);
  }

  static async start(lag?: () => number): Promise<Stage> {
    const gateway = { resume: {} };
    return new Stage(await startCluster({ handler, gateway }), lag);
  }

  /** Opens a tab, and notes what it hears. */
  async tab(
    options: SharedOptions = {},
  ): Promise<FakeTab & { heard: unknown[] }> {
    const tab = this.#tabs.open(options);
    const heard: unknown[] = [];
    const { client } = tab;
    client.on("message", (message) => heard.push(message));
    for (const name of ["back", "fresh", "gap", "closed"] as const) {
      client.on(name, (event) => heard.push({ [name]: event }));
    }
    this.#open.push(tab);
    await eventually("it is open", () => client.state === "open");
    return { ...tab, heard };
  }

  get clients(): number {
    return this.cluster.gateways.reduce((sum, { clients }) => sum + clients, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client } of this.#open.reverse()) client.close();
    await this.#tabs.settled();
    await this.cluster[Symbol.asyncDispose]();
  }
}

const back = { back: { missed: 0, resent: 0 } };

Deno.test("tabs are one client, hear the same, and get their own answers", async () => {
  await using stage = await Stage.start();
  const tabs = [await stage.tab(), await stage.tab(), await stage.tab()];
  const [one, two, three] = tabs as [
    typeof tabs[0],
    typeof tabs[0],
    typeof tabs[0],
  ];

  assertEquals(stage.clients, 1);
  assertEquals(two.client.id, one.client.id);
  const answers = await Promise.all(
    tabs.map(({ client }, index) => client.request("late", index)),
  );
  const ids = answers.map((answer) => (answer as unknown[])[2]);
  assertEquals(answers, [0, 1, 2].map((index) => ["late", index, ids[0]]));
  assertEquals(await two.client.request("bytes"), new Uint8Array([1, 2, 3]));
  await three.client.send("a");
  await one.client.send("b");
  for (const { heard } of tabs) {
    await eventually("it hears both", () => heard.length === 2);
    assertEquals(heard, ["a", "b"]);
  }
  assertEquals(two.client.bufferedAmount, 0);
  two.client.close();
  await assertRejects(() => two.client.request("x"), CallError);
  await three.client.request("y");
  assertEquals(stage.clients, 1);
});

for (
  const [how, go] of Object.entries({
    "is closed": (tab: FakeTab) => tab.client.close(),
    "freezes": (tab: FakeTab) => tab.hooks.sleep(),
    "is left": (tab: FakeTab) => tab.hooks.leave(true),
    "crashes": (tab: FakeTab) => tab.crash(),
  })
) {
  Deno.test(`when the tab that leads ${how}, another goes on with the session, and nothing is lost`, async () => {
    await using stage = await Stage.start();
    const leader = await stage.tab();
    const two = await stage.tab();
    const three = await stage.tab();
    const { id } = two.client;
    const asked = three.client.request("late", "before");
    await two.client.send("before");

    go(leader);
    // Nobody leads at this moment.
    const sent = two.client.send("meanwhile");
    await using outside = await stage.cluster.outside();
    outside.sendToAll("from outside");

    assertEquals((await asked as unknown[]).slice(0, 2), ["late", "before"]);
    await sent;
    for (const { heard } of [two, three]) {
      await eventually("it hears all", () => heard.length >= 4);
      assertEquals(heard[0], "before");
      assertEquals(
        heard.slice(1).filter((each) => typeof each === "string").sort(),
        ["from outside", "meanwhile"],
      );
      assert(heard.some((each) => (each as typeof back).back?.missed === 0));
    }
    assertEquals([stage.clients, two.client.id], [1, id]);
  });
}

Deno.test("a tab that thaws hears what the others heard meanwhile, and leads no more", async () => {
  await using stage = await Stage.start();
  const leader = await stage.tab();
  const other = await stage.tab();
  leader.hooks.sleep();
  await other.client.send("meanwhile");
  leader.hooks.wake();

  await eventually("it hears it", () => leader.heard.includes("meanwhile"));
  assertEquals(leader.client.state, "open");
  other.client.close();
  await leader.client.send("alone again");
  assertEquals(stage.clients, 1);
});

Deno.test("the last tab that is closed ends the session", async () => {
  await using stage = await Stage.start();
  const one = await stage.tab();
  const two = await stage.tab();

  one.client.close();
  await two.client.request("x");
  two.client.close();

  await eventually("it has ended", () => stage.clients === 0);
  assertEquals(two.heard.at(-1), {
    closed: { code: 1000, reason: "", data: null, returned: [] },
  });
});

Deno.test("what the gateway asks is answered by the first tab that can, and the others are told", async () => {
  await using stage = await Stage.start();
  await using outside = await stage.cluster.outside();
  const deaf = await stage.tab();
  const slow = await stage.tab();
  const quick = await stage.tab();
  let isAborted = false;
  slow.client.handle("confirm", (_data, { signal }) => {
    signal.addEventListener("abort", () => isAborted = true);
    return new Promise(() => {});
  });
  quick.client.handle("confirm", (data) => `yes, ${data}`);

  const { results } = await outside.ask({ all: true }, "confirm", "Ann");
  const other = await outside.ask({ all: true }, "other");

  assertEquals(results.map((each) => "value" in each && each.value), [
    "yes, Ann",
  ]);
  await eventually("the slow one is told", () => isAborted);
  assertEquals(
    other.results.map((each) => "error" in each && each.error.code),
    ["unknown"],
  );
  assertEquals(deaf.heard, []);
});

Deno.test("a session that ends is a new one for every tab, each with what it had sent", async () => {
  await using stage = await Stage.start();
  await using outside = await stage.cluster.outside();
  const one = await stage.tab();
  const two = await stage.tab({ resend: true });
  const [id] = await outside.getAllClientIdList();
  await outside.setWindow(id ?? "", 50);
  one.hooks.sleep();
  two.hooks.sleep();
  const lost = assertRejects(() => one.client.send("of one"), CallError);
  const sent = two.client.send("of two");
  await eventually("the window is over", () => stage.clients === 0);
  two.hooks.wake();
  one.hooks.wake();

  await sent;
  assertEquals((await lost).code, "lost");
  for (
    const [{ heard }, data] of [[one, "of one"], [two, "of two"]] as const
  ) {
    await eventually("it hears it", () => heard.length === 2);
    const fresh = { reason: "expired", returned: [{ data }] };
    assertEquals(heard, [{ fresh }, "of two"]);
  }
});

Deno.test("a tab may have no more wait than maxBuffer, whoever leads", async () => {
  await using stage = await Stage.start();
  const one = await stage.tab();
  const two = await stage.tab({ maxBuffer: 100 });
  one.hooks.sleep();
  two.hooks.sleep();

  const sent = two.client.send("x".repeat(90));
  assertThrows(
    () => two.client.send("x".repeat(10)),
    RangeError,
    "Cannot send as at most 100 may wait",
  );

  one.hooks.wake();
  await sent;
  await two.client.send("x".repeat(90));
});

Deno.test("tabs that send more than the session may have wait send it in order, as there is room", async () => {
  await using stage = await Stage.start();
  const leader = await stage.tab({ maxBuffer: 100 });
  const other = await stage.tab();

  const texts = Array.from({ length: 10 }, (_, n) => `${n}`.padStart(20, "."));
  await Promise.all(texts.map((text) => other.client.send(text)));

  await eventually("all came", () => leader.heard.length === texts.length);
  assertEquals(leader.heard, texts);
});

/** The same numbers for the same seed, from 0 to below 1. */
function randomOf(seed: number): () => number {
  return () => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
}

/** Which seeds are tried: `TABS_SEEDS=100` tries so many. */
const SEEDS = Number(Deno.env.get("TABS_SEEDS") ?? 3);

Deno.test("tabs that come, go, freeze and crash hear all that they are there for, once and in order", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = randomOf(seed);
    // Tabs are busy: what they tell each other takes its time.
    const lags = randomOf(-seed >>> 0);
    await using stage = await Stage.start(() => lags() ** 3 * 30);
    await using witness = await stage.cluster.connect();
    const pick = <One>(list: readonly One[]) =>
      list[Math.floor(random() * list.length)] as One;
    let tabs = [await stage.tab(), await stage.tab(), await stage.tab()];
    let count = 0;
    for (let step = 0; step < 60; step++) {
      const tab = pick(tabs);
      const dice = random();
      if (dice < 0.5) void tab.client.send(`${++count}`);
      else if (dice < 0.65) tab.client.request("late", step).catch(() => {});
      else if (dice < 0.75) tab.hooks.sleep();
      else if (dice < 0.9) tab.hooks.wake();
      else if (tabs.length < 5 && dice < 0.95) {
        // A new tab can only go on with the session if somebody tells it.
        for (const { hooks } of tabs) hooks.wake();
        tabs.push(await stage.tab());
      } else if (tabs.length > 2) {
        tabs = tabs.filter((each) => each !== tab);
        tab.crash();
      }
      if (random() < 0.3) {
        await new Promise((resolve) => setTimeout(resolve, random() * 20));
      }
    }
    for (const { hooks } of tabs) hooks.wake();
    for (const { client } of tabs) {
      client.on(
        "closed",
        ({ code }) => assertEquals(code, 1000, `seed ${seed}`),
      );
      assertEquals((await client.request("x", seed) as unknown[])[1], seed);
    }
    await pick(tabs).client.send("end");
    const said: string[] = [];
    while (said.at(-1) !== "end") said.push(String(await witness.hear()));

    assertEquals(new Set(said).size, said.length, `seed ${seed}: ${said}`);
    for (const { heard } of tabs) {
      await eventually("it has heard all", () => heard.includes("end"));
      const texts = heard.filter((each) => typeof each === "string");
      const others = heard.filter((each) => typeof each !== "string")
        .filter((each) => (each as typeof back).back?.missed !== 0);
      assertEquals(others, [], `seed ${seed}`);
      assertEquals(texts, said.slice(-texts.length), `seed ${seed}`);
    }
  }
});

Deno.test("without locks and channels, each tab connects by itself", async () => {
  await using cluster = await startCluster({
    handler,
    gateway: { resume: {} },
  });
  const url = `ws://127.0.0.1:${cluster.gateway.addr.port}`;
  const { BroadcastChannel } = globalThis;
  Reflect.deleteProperty(globalThis, "BroadcastChannel");
  const clients = [connectShared(url), connectShared(url)];
  Object.assign(globalThis, { BroadcastChannel });

  for (const client of clients) await client.request("x");

  assertEquals(cluster.gateway.clients, 2);
  for (const client of clients) client.close();
});
