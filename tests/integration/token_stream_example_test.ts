import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Cluster, Handler, HandlerEvent } from "../../mod.ts";
import handle from "../../examples/token_stream/handler.ts";
import { generate } from "../../examples/token_stream/model.ts";
import type { Stream } from "../../examples/token_stream/streams.ts";
import { CallError, connect } from "../../lib/client/mod.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { LinkProxy } from "../_support/link_proxy.ts";
import { hasChromium, TestBrowser } from "../dashboard/browser.ts";
import { problems } from "../dashboard/problems.ts";

/** The example without its page, which wants a port of its own. */
const handler: Handler = (event: HandlerEvent, cluster) =>
  event.type === "start" || event.type === "stop"
    ? undefined
    : handle(event, cluster);

function start(): Promise<TestCluster> {
  return startCluster({ handler, gateway: { resume: {}, serveClient: true } });
}

/** What is told of one token. */
interface Token {
  readonly id: string;
  readonly at: number;
  readonly token: string;
}

/** A tab: what it was told of one answer, by the rule that its page goes by. */
class Tab implements Disposable {
  readonly cable: LinkProxy;
  readonly client: ReturnType<typeof connect>;
  text = "";
  state = "";
  id = "";

  constructor(cluster: TestCluster) {
    this.cable = new LinkProxy(`127.0.0.1:${cluster.gateway.addr.port}`);
    this.client = connect(`ws://${this.cable.address}`);
    this.client.handle("begun", (data) => {
      this.id = (data as { id: string }).id;
    });
    this.client.handle("token", (data) => {
      const { id, at, token } = data as Token;
      if (id !== this.id || at < this.text.length) return;
      assertEquals(at, this.text.length);
      this.text += token;
    });
    this.client.handle("ended", (data) => {
      this.state = (data as { state: string }).state;
    });
  }

  /** Comes as a user, and takes what was said so far. */
  async enter(user: string): Promise<void> {
    const streams = await this.client.request("enter", user) as Stream[];
    const last = streams.at(-1);
    if (last === undefined) return;
    [this.id, this.text] = [last.id, last.text];
  }

  [Symbol.dispose](): void {
    this.client.close();
    this.cable[Symbol.dispose]();
  }
}

Deno.test("tokens come to all tabs of a user, to late ones from the beginning, and to no other user", async () => {
  await using cluster = await start();
  using ann = new Tab(cluster);
  using second = new Tab(cluster);
  using bob = new Tab(cluster);
  const user = crypto.randomUUID();
  await Promise.all([ann.enter(user), second.enter(user), bob.enter("bob")]);

  const asked = ann.client.request("prompt", "why?", { timeout: 60_000 });
  await eventually("some words came", () => second.text.length > 60);
  using late = new Tab(cluster);
  await late.enter(user);
  assert(late.text.length > 60, late.text);
  assertEquals(await late.client.request("stop", late.id), true);

  assertEquals(await asked, { id: ann.id, state: "stopped" });
  await eventually(
    "all are told",
    () => [ann, second, late].every(({ state }) => state === "stopped"),
  );
  assert(ann.text.startsWith("You asked “why?”. "));
  assertEquals([second.text, late.text], [ann.text, ann.text]);
  assertEquals([bob.text, bob.state], ["", ""]);
  // A stop is no disconnect: the same connections go on.
  assertEquals(await ann.client.request("stop", ann.id), false);
  assertEquals(cluster.gateway.clients, 4);
});

Deno.test("a tab that loses its connection misses no token, and the answer goes on when the tab that asked is closed", async () => {
  await using cluster = await start();
  using asking = new Tab(cluster);
  using other = new Tab(cluster);
  const user = crypto.randomUUID();
  await Promise.all([asking.enter(user), other.enter(user)]);
  const asked = asking.client.request("prompt", "why?", { timeout: 60_000 });
  asked.catch(() => {});
  await eventually("words come", () => other.text.length > 40);
  const before = other.text.length;
  other.cable.cut();
  await eventually("it is away", () => other.client.state === "away");
  await eventually("it is back", () => other.client.state === "open");
  asking.client.close();
  await assertRejects(() => asked, CallError);
  await eventually("more comes", () => other.text.length > before + 60);

  await other.client.request("stop", other.id);
  await eventually("it is told so", () => other.state === "stopped");
  assert(other.text.startsWith(asking.text));
});

Deno.test("who asks wrongly, or too much, is told so", async () => {
  await using cluster = await start();
  using tab = new Tab(cluster);
  const codeOf = async (name: string, data: unknown) => {
    const error = await assertRejects(
      () => tab.client.request(name, data),
      CallError,
    );
    return error.code;
  };

  assertEquals(await codeOf("prompt", "why?"), "enter-first");
  assertEquals(await codeOf("enter", ""), "bad-name");
  await tab.enter(crypto.randomUUID());
  assertEquals(await codeOf("prompt", " "), "bad-prompt");
  assertEquals(await codeOf("prompt", "x".repeat(501)), "too-long");
  assertEquals(await codeOf("sing", 1), "unknown");
  const asked = tab.client.request("prompt", "why?", { timeout: 60_000 });
  await eventually("it has begun", () => tab.id !== "");
  assertEquals(await codeOf("prompt", "and why?"), "busy");
  await tab.client.request("stop", tab.id);
  assertEquals(await asked, { id: tab.id, state: "stopped" });
});

Deno.test("an answer of which nobody can be told leaves its user free to ask again", async () => {
  const notify = () => Promise.reject(new Error("The link is full"));
  const mute = { notify } as unknown as Cluster;
  await using cluster = await startCluster({
    handler: (event) => handler(event, mute),
    gateway: { resume: {} },
  });
  using tab = new Tab(cluster);
  await tab.enter(crypto.randomUUID());

  for (const prompt of ["why?", "and why?"]) {
    const error = await assertRejects(
      () => tab.client.request("prompt", prompt),
      CallError,
    );
    assertEquals(error.code, "failed");
  }
});

Deno.test("the model says the same for the same prompt, and all of it", async () => {
  const { signal } = new AbortController();
  const [one, other] = await Promise.all(
    [0, 0].map((pace) => Array.fromAsync(generate("why?", signal, pace))),
  );

  assertEquals(one, other);
  assertEquals(one?.length, 401);
});

/** Serves the example's page, for a gateway. */
async function servePage(
  cluster: TestCluster,
): Promise<Deno.HttpServer<Deno.NetAddr>> {
  const file = new URL(
    "../../examples/token_stream/index.html",
    import.meta.url,
  );
  const html = (await Deno.readTextFile(file))
    .replace("{{gateway}}", `127.0.0.1:${cluster.gateway.addr.port}`);
  const headers = { "content-type": "text/html; charset=utf-8" };
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(html, { headers }),
  );
}

Deno.test({
  name:
    "two tabs of the page show one answer, the late one too, and either can stop it",
  ignore: !hasChromium(),
  fn: async () => {
    await using cluster = await start();
    await using server = await servePage(cluster);
    await using browser = await TestBrowser.start();
    const user = crypto.randomUUID();
    const url = `http://127.0.0.1:${server.addr.port}/?user=${user}`;
    await using first = await browser.open(url);
    await first.page.getByText(`Online as ${user}`).waitFor();
    await first.page.keyboard.type("Why is the sky blue?");
    await first.page.keyboard.press("Enter");
    await first.page.getByText("You asked “Why is the sky blue?”.").waitFor();

    await using second = await browser.open(url, {
      width: 390,
      height: 844,
      colorScheme: "dark",
    });
    await second.page.getByText("You asked “Why is the sky blue?”.").waitFor();
    await second.page.getByRole("button", { name: "Stop" }).click();
    for (const { page } of [first, second]) {
      await page.getByText("Stopped.").waitFor();
      await page.getByRole("button", { name: "Ask" }).waitFor();
    }

    for (const { page } of [first, second]) {
      assertEquals(await problems(page), []);
    }
    const [one, other] = await Promise.all(
      [first, second].map(({ page }) => page.textContent(".text")),
    );
    assertEquals(other, one);
    const screenshots = Deno.env.get("SCREENSHOTS");
    if (screenshots !== undefined) {
      await first.page.screenshot({ path: `${screenshots}/stream.png` });
      await second.page.screenshot({ path: `${screenshots}/stream-phone.png` });
    }
    const complaints = [...first.complaints, ...second.complaints]
      .filter((each) => !each.includes("/client.js"));
    assertEquals(complaints, []);
  },
});
