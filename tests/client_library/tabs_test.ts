/**
 * Ten tabs of Chromium that share a connection, while the one that has it is closed,
 * frozen, and navigates away.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { eventually } from "../_support/eventually.ts";
import { hasChromium, TestBrowser } from "../dashboard/browser.ts";
import { Site } from "./site.ts";

/** Says in a page whether it has the lock of who leads. */
const LEADS = `navigator.locks.request("who is who", async () => {
  const { held } = await navigator.locks.query();
  const me = held.find(({ name }) => name === "who is who").clientId;
  return held.some(({ name, clientId }) =>
    name.endsWith(" lead") && clientId === me);
})`;

/** Ten tabs at one site. */
class Tabs {
  readonly #site: Site;
  /** Those that are open. */
  pages: Page[];

  constructor(site: Site, pages: Page[]) {
    this.#site = site;
    this.pages = pages;
  }

  /** Opens tabs beside one that is open. */
  static async open(site: Site, first: Page): Promise<Tabs> {
    const others = Array.from({ length: 9 }, async () => {
      const page = await first.context().newPage();
      await page.goto(first.url());
      return page;
    });
    const pages = [first, ...await Promise.all(others)];
    for (const page of pages) {
      await page.waitForFunction("globalThis.socket?.state === 'open'");
    }
    return new Tabs(site, pages);
  }

  /** The one that leads, and the others. */
  async split(): Promise<[Page, Page[]]> {
    for (const page of this.pages) {
      if (!await page.evaluate(LEADS)) continue;
      return [page, this.pages.filter((each) => each !== page)];
    }
    throw new TypeError("No tab leads");
  }

  /** Has each tab send and ask, and waits until all have heard all, each once. */
  async talk(pages: readonly Page[], topic: string): Promise<void> {
    const texts = pages.map((_page, index) => `${topic} ${index}`);
    const asked = pages.map((page, index) =>
      page.evaluate(`(async () => {
        socket.send("${texts[index]}");
        return await socket.request("ask", "${texts[index]}");
      })()`)
    );
    this.#site.outside.sendToAll(`${topic} from outside`);
    assertEquals(await Promise.all(asked), texts);
    const wanted = [...texts.map((each) => `echo ${each}`)]
      .concat(`${topic} from outside`).sort();
    for (const page of pages) {
      await eventually(
        "it has heard all",
        async () => (await heard(page, topic)).length >= wanted.length,
      );
      assertEquals((await heard(page, topic)).sort(), wanted);
    }
    assertEquals(this.#site.cluster.gateway.clients, 1);
  }
}

async function heard(page: Page, topic: string): Promise<string[]> {
  const log: unknown[] = await page.evaluate("log");
  return log.filter((each) => typeof each === "string")
    .filter((each) => each.includes(topic));
}

Deno.test({
  name:
    "ten tabs in Chromium share a connection, and lose nothing with the one that has it",
  ignore: !hasChromium(),
  // A browser's sockets end a while after it.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using site = await Site.start();
    await using browser = await TestBrowser.start();
    await using first = await browser.open(`${site.url}shared`);
    const tabs = await Tabs.open(site, first.page);
    const id = await first.page.evaluate("socket.id");
    await tabs.talk(tabs.pages, "ten");

    // One that is closed.
    const [closed, nine] = await tabs.split();
    tabs.pages = nine;
    const closing = closed.close({ runBeforeUnload: true });
    await tabs.talk(nine, "closed");
    await closing;

    // One that is frozen, as a browser does it.
    const [frozen, others] = await tabs.split();
    const devtools = await frozen.context().newCDPSession(frozen);
    const set = (state: string) =>
      devtools.send("Page.setWebLifecycleState", { state } as never);
    await set("frozen");
    await tabs.talk(others, "frozen");
    await set("active");
    await eventually(
      "it hears it, too",
      async () => (await heard(frozen, "frozen")).length === others.length + 1,
    );

    // One that navigates away, and comes back.
    const [away, rest] = await tabs.split();
    const left = away.goto(`${site.url}other`);
    await tabs.talk(rest, "away");
    await left;
    await away.goBack({ waitUntil: "commit" });
    await away.waitForFunction("globalThis.socket?.state === 'open'");
    await tabs.talk(tabs.pages, "again");

    for (const page of rest) {
      assertEquals(await page.evaluate("socket.id"), id);
      const log: Record<string, unknown>[] = await page.evaluate("log");
      assert(log.every((each) => !("fresh" in Object(each))));
      assert(log.every((each) => !("gap" in Object(each))));
    }
  },
});
