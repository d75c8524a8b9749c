/**
 * What pages go through in Chromium: frozen, without network, kept for the "back"
 * button, loaded again, duplicated.
 *
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { eventually } from "../_support/eventually.ts";
import { hasChromium, TestBrowser } from "../dashboard/browser.ts";
import { Site } from "./site.ts";

const OPEN = "globalThis.socket?.state === 'open'";

/** Waits until the page was told so much, and returns all of it. */
async function heard(page: Page, count: number): Promise<unknown[]> {
  await page.waitForFunction(`log.length >= ${count}`);
  return await page.evaluate("log");
}

const scenes: Record<string, (site: Site, page: Page) => Promise<void>> = {
  "a page that is told that it freezes lets go, and gets what was sent meanwhile":
    async (
      { outside },
      page,
    ) => {
      const id = await page.evaluate("socket.id");
      // A page without a screen is never hidden, and so never frozen by the browser.
      const tell = (name: string) =>
        page.evaluate(`void document.dispatchEvent(new Event("${name}"))`);
      await tell("freeze");
      await page.waitForFunction("socket.state === 'away'");
      outside.sendToAll("while it was frozen");
      await new Promise((resolve) => setTimeout(resolve, 200));
      await tell("resume");

      assertEquals(await heard(page, 2), [
        { back: { missed: 0, resent: 0 } },
        "while it was frozen",
      ]);
      assertEquals(await page.evaluate("socket.id"), id);
    },

  "a page without network comes back with it, and loses nothing": async (
    { cable, outside },
    page,
  ) => {
    cable.freeze();
    await page.context().setOffline(true);
    await page.evaluate("void socket.send('hello')");
    outside.sendToAll("meanwhile");
    // It looks when it hears that there is no network: nobody answers.
    await page.waitForFunction("socket.state === 'away'");
    cable.thaw();
    await page.context().setOffline(false);

    const log = await heard(page, 3);
    assertEquals(
      log.filter((each) => typeof each === "string").sort(),
      ["echo hello", "meanwhile"],
    );
  },

  "a page that is kept for the back button goes on with its session": async (
    { outside },
    page,
  ) => {
    const id = await page.evaluate("socket.id");
    await page.click("a");
    await page.waitForURL("**/other");
    outside.sendToAll("while it was kept");
    await page.goBack({ waitUntil: "commit" });

    await page.waitForFunction("globalThis.cameBack");
    assertEquals(await heard(page, 2), [
      { back: { missed: 0, resent: 0 } },
      "while it was kept",
    ]);
    assertEquals(await page.evaluate("socket.id"), id);
  },

  "a page with a store goes on when it is loaded again, and its duplicate has a session of its own":
    async ({ url }, page) => {
      await page.goto(`${url}?store`);
      await page.waitForFunction(OPEN);
      const id = await page.evaluate("socket.id");
      await page.reload();
      await page.waitForFunction(OPEN);
      assertEquals(await heard(page, 1), [{ back: { missed: 0, resent: 0 } }]);
      assertEquals(await page.evaluate("socket.id"), id);

      // It has what the store of the first had at this moment.
      const opened = page.waitForEvent("popup");
      await page.evaluate("void open(location.href)");
      const twin = await opened;
      await twin.waitForFunction(OPEN);
      assertNotEquals(await twin.evaluate("socket.id"), id);
      assertEquals(await page.evaluate("socket.state"), "open");
    },

  "a page that is closed says so, and nobody waits for it": async (
    { cluster },
    page,
  ) => {
    await page.close({ runBeforeUnload: true });
    await eventually(
      "nobody waits for it",
      async () => await cluster.worker.clients === 0,
    );
  },
};

Deno.test({
  name: "the client library in Chromium",
  ignore: !hasChromium(),
  // A browser's sockets end a while after it.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using browser = await TestBrowser.start();
    for (const [name, run] of Object.entries(scenes)) {
      await t.step({
        name,
        sanitizeOps: false,
        sanitizeResources: false,
        fn: async () => {
          await using site = await Site.start();
          await using open = await browser.open(site.url);
          await open.page.waitForFunction(OPEN);
          await run(site, open.page);
        },
      });
    }
  },
});
