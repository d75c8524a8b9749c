/**
 * `examples/notify`: the back end as its first lines say, beside a cluster that runs
 * its handler.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import handler from "../../../examples/notify/handler.ts";
import { makeToken, readToken } from "../../../examples/notify/token.ts";
import { startCluster } from "../../_support/cluster.ts";
import { TestProcess } from "../../_support/processes.ts";
import { hasChromium, TestBrowser } from "../../dashboard/browser.ts";
import { problems } from "../../dashboard/problems.ts";

async function startNotify() {
  const stack = new AsyncDisposableStack();
  const cluster = stack.use(await startCluster({ gateways: 2, handler }));
  const [register = ""] = cluster.registers;
  const script = import.meta.resolve("../../../examples/notify/server.ts");
  const server = stack.use(
    new TestProcess(["deno", "run", "-A", script], {
      env: {
        NOTIFY_PORT: "0",
        NOTIFY_REGISTER: register,
        NOTIFY_GATEWAY: `127.0.0.1:${cluster.gateway.addr.port}`,
      },
    }),
  );
  const line = await server.line(/^Notify: open/);
  const origin = line.replace("Notify: open ", "");
  const post = async (path: string, fields: unknown) => {
    const response = await fetch(origin + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof fields === "string" ? fields : JSON.stringify(fields),
    });
    return { status: response.status, ...await response.json() };
  };
  return {
    cluster,
    server,
    origin,
    post,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("examples/notify logs people in and pushes to all their pages, wherever those are connected", async () => {
  await using notify = await startNotify();
  const { cluster, post, origin } = notify;
  const page = await (await fetch(origin)).text();
  assertStringIncludes(page, "<title>Notify</title>");

  const { token } = await post("/login", { name: "ann" });
  const [one, two] = cluster.gateways;
  const pages = [
    await cluster.connect(one, `/?token=${token}`),
    await cluster.connect(two, `/?token=${token}`),
  ];
  for (const each of pages) {
    assertEquals(await each.hear(), '{"text":"Welcome, ann"}');
  }

  const order = { to: "ann", text: "Your order is on its way" };
  assertEquals(await post("/notify", order), { status: 200, reached: 2 });
  for (const each of pages) {
    assertEquals(await each.hear(), JSON.stringify({ text: order.text }));
  }
  const nobody = await post("/notify", { to: "eve", text: "hi" });
  assertEquals(nobody, { status: 200, reached: 0 });
});

Deno.test("examples/notify sends away who brings no good token", async () => {
  await using notify = await startNotify();
  const { cluster } = notify;
  const good = await makeToken("ann");
  const forged = `${(await makeToken("eve")).split(".")[0]}.${
    good.split(".")[1]
  }`;

  for (const path of ["/", "/?token=x", "/?token=a.b", `/?token=${forged}`]) {
    const page = await cluster.connect(cluster.gateway, path);

    assertEquals(await page.closed, { code: 4100, reason: "Log in again" });
  }
  assertEquals(await cluster.worker.cluster.getAllUidList(), []);
});

Deno.test({
  name: "examples/notify has a page to log in and to notify by keyboard alone",
  ignore: !hasChromium(),
  fn: async () => {
    await using notify = await startNotify();
    await using browser = await TestBrowser.start();
    await using opened = await browser.open(notify.origin, {
      width: 390,
      height: 844,
      colorScheme: "dark",
    });
    const { page, complaints } = opened;

    await page.keyboard.type("ann");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[name=text]:focus");
    await page.keyboard.type("Your order is on its way");
    await page.keyboard.press("Enter");
    await page.locator("#notices li", { hasText: "Your order" }).waitFor();
    await page.fill("[name=to]", "eve");
    await page.fill("[name=text]", "hi");
    await page.keyboard.press("Enter");
    await page.getByText("eve has no page open").waitFor();

    assertEquals(await problems(page), []);
    await page.emulateMedia({ colorScheme: "light" });
    assertEquals(await problems(page), []);
    assertEquals(
      await page.evaluate("document.documentElement.scrollWidth"),
      390,
    );
    assertEquals(complaints, []);
  },
});

Deno.test("examples/notify answers requests that are wrong, and stops when told to", async () => {
  await using notify = await startNotify();
  const { post, server, origin } = notify;

  assertEquals((await post("/login", { name: "" })).status, 400);
  assertEquals((await post("/notify", { to: "" })).status, 400);
  assertEquals((await post("/notify", "{")).status, 400);
  assertEquals((await post("/other", {})).status, 404);

  server.signal("SIGTERM");
  assertEquals((await server.status).code, 0);
  assertEquals(await fetch(origin).catch(() => "gone"), "gone");
});

Deno.test("readToken() knows a token for a while, and no other", async () => {
  const token = await makeToken("ann");
  assertEquals(await readToken(token), "ann");
  const { now } = Date;
  try {
    Date.now = () => now() + 3_600_001;
    assertEquals(await readToken(token), undefined);
  } finally {
    Date.now = now;
  }
});
