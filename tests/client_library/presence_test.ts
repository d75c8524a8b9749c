/**
 * Who is here, as pages in Chromium see it: while one is loaded again, is cut off,
 * shares its connection with others, and is closed.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { defineHandler } from "../../mod.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { LinkProxy } from "../_support/link_proxy.ts";
import { hasChromium, TestBrowser } from "../dashboard/browser.ts";

/** Milliseconds for which a page that is loaded again is waited for. */
const GRACE = 1_500;

const handler = defineHandler({
  connect: async ({ client, request }) => {
    await client.bindUid(request?.query.get("name") ?? "nobody");
    await client.joinGroup("room");
  },
});

/** A page that shows who is in the room: by a connection of its own, or one that tabs share. */
function pageWith(gateway: string, cable: string): string {
  return `<!DOCTYPE html><meta charset="utf-8"><title>A room</title>
<script type="module">
  import { watchPresence } from "http://${gateway}/presence.js";
  import { connect } from "http://${gateway}/client.js";
  import { connectShared } from "http://${gateway}/tabs.js";
  const query = new URLSearchParams(location.search);
  const name = query.get("name");
  const url = "ws://${cable}/?name=" + name;
  window.socket = query.has("shared") ? connectShared(url, { name }) : connect(url);
  window.told = [];
  const say = (sign) => ({ uid }) => told.push(sign + uid);
  window.room = watchPresence(socket, "room", {
    onJoin: say("+"), onLeave: say("-"), onChange: say("~"),
  });
</script>`;
}

/** A room, and the pages that show it. */
class Stage implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #url: string;
  /** What pages are connected by. */
  readonly cable: LinkProxy;

  constructor(cluster: TestCluster) {
    this.#stack.use(cluster);
    const gateway = `127.0.0.1:${cluster.gateway.addr.port}`;
    this.cable = new LinkProxy(gateway);
    this.#stack.use(this.cable);
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () =>
        new Response(pageWith(gateway, this.cable.address), {
          headers: { "content-type": "text/html; charset=utf-8" },
        }),
    );
    this.#stack.defer(() => server.shutdown());
    this.#url = `http://127.0.0.1:${server.addr.port}/`;
  }

  /** Opens a page of somebody in a page's place. */
  async open(page: Page, query: string): Promise<Page> {
    await page.goto(`${this.#url}?${query}`);
    await page.waitForFunction("globalThis.room?.isCurrent");
    return page;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** Waits until a page shows these people, in order of their names. */
async function sees(page: Page, uids: string): Promise<void> {
  await page.waitForFunction(
    `room.isCurrent && [...room.members.keys()].sort().join(" ") === "${uids}"`,
  );
}

/** What a page was told of who came and left. */
async function told(page: Page): Promise<string[]> {
  return await page.evaluate("told.filter((each) => !each.startsWith('~'))");
}

Deno.test({
  name: "who is here, in Chromium",
  ignore: !hasChromium(),
  // A browser's sockets end a while after it.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using browser = await TestBrowser.start();
    await using stage = new Stage(
      await startCluster({
        handler,
        gateway: { resume: {}, serveClient: true },
        worker: {
          presence: { groups: ["room"], grace: GRACE, clients: "set" },
        },
      }),
    );
    await using first = await browser.open("about:blank");
    const context = first.page.context();
    const ann = await stage.open(first.page, "name=ann");
    const bob = await stage.open(await context.newPage(), "name=bob");
    const open = { sanitizeOps: false, sanitizeResources: false };

    await t.step({
      name: "a page sees who comes, and what they say of themselves",
      ...open,
      fn: async () => {
        await sees(ann, "ann bob");
        await bob.evaluate("room.setState({ typing: true })");
        await ann.waitForFunction("room.members.get('bob')?.state?.typing");
        assertEquals(await told(ann), ["+bob"]);
      },
    });

    await t.step({
      name: "a page that is loaded again has neither left nor come",
      ...open,
      fn: async () => {
        await bob.reload();
        await sees(bob, "ann bob");
        // Somebody who comes and goes after it, so that it would have been told by now.
        const eve = await stage.open(await context.newPage(), "name=eve");
        await sees(ann, "ann bob eve");
        await eve.close({ runBeforeUnload: true });
        await sees(ann, "ann bob");
        assertEquals(await told(ann), ["+bob", "+eve", "-eve"]);
      },
    });

    await t.step({
      name: "pages that were cut off are told what is between",
      ...open,
      fn: async () => {
        await ann.evaluate("void (told.length = 0)");
        stage.cable.cut();
        await sees(ann, "ann bob");
        assertEquals(await told(ann), []);
      },
    });

    await t.step({
      name: "tabs that share a connection each see it, whichever is closed",
      ...open,
      fn: async () => {
        const tabs = [await context.newPage(), await context.newPage()];
        for (const tab of tabs) await stage.open(tab, "name=eve&shared");
        for (const tab of tabs) await sees(tab, "ann bob eve");
        await tabs[0]?.evaluate("room.close()");
        await bob.close({ runBeforeUnload: true });
        const [, second] = tabs;
        if (second) await sees(second, "ann eve");
        await sees(ann, "ann eve");
        assertEquals(await told(ann), ["+eve", "-bob"]);
      },
    });
  },
});
