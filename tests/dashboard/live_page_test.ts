/** The page in a browser, over a cluster that a test makes up. @module */

import { assert, assertEquals, assertLess } from "@std/assert";
import type { Page } from "playwright-core";
import type { ClusterReport } from "../../lib/observe/report.ts";
import { eventually } from "../_support/eventually.ts";
import { hasChromium, TestBrowser } from "./browser.ts";
import { problems } from "./problems.ts";
import { ServedDashboard } from "./served_dashboard.ts";

const TOKEN = "open-sesame";

/** Milliseconds between two looks: tests are not to wait for them. */
const INTERVAL = 100;

const PHONE = { width: 390, height: 844 };

type Node = ClusterReport["gateways"][number];

function node(name: string, index: number, more: Partial<Node> = {}): Node {
  return {
    id: `${name} ${index}`,
    name,
    index,
    address: `127.0.0.1:${2000 + index}`,
    uptime: 1,
    state: "ready",
    reportAge: 0.5,
    ...more,
  };
}

/** Gateways and workers, of which one may have more to tell. */
function cluster(more: Partial<Node> = {}): ClusterReport {
  return {
    registers: [node("Register", 0)],
    gateways: [node("Gateway", 0, more), node("Gateway", 1)],
    workers: [0, 1, 2].map((index) => node("BusinessWorker", index)),
  };
}

async function shows(page: Page, state: string): Promise<string> {
  await page.waitForSelector(`#connection[data-state=${state}]`);
  return await page.locator("#connection").innerText();
}

Deno.test({
  name: "The dashboard's page, on a phone and by keyboard",
  ignore: !hasChromium(),
  fn: async (test) => {
    await using served = await ServedDashboard.open(TOKEN, INTERVAL);
    served.report = cluster();
    await using browser = await TestBrowser.start();
    await using opened = await browser.open(served.url, PHONE);
    const { page } = opened;

    await test.step("asks for the token, and says that a wrong one is wrong", async () => {
      await page.waitForSelector("#token:focus");
      assertEquals(await problems(page), []);
      await page.keyboard.type("guess");
      await page.keyboard.press("Enter");
      await page.getByText("That is not its token.").waitFor();
      await page.waitForSelector("#token:focus");

      await page.keyboard.type(TOKEN);
      // Twice, as on a machine so slow that nothing seems to happen.
      await page.evaluate(`
        document.getElementById("login").requestSubmit();
        document.getElementById("login").requestSubmit();`);
      assertEquals(await shows(page, "live"), "● Live");
    });

    await test.step("shows each event once, the newest first", async () => {
      const event = (time: number, text: string) => ({
        time,
        level: "info",
        text,
      });
      served.report = cluster({ events: [event(20, "second")] });
      await page.locator("#journal .text", { hasText: "second" }).waitFor({
        state: "attached",
      });
      served.report = cluster({
        events: [event(10, "first"), event(20, "second"), event(30, "third")],
      });
      await page.locator("#journal .text", { hasText: "first" }).waitFor({
        state: "attached",
      });

      const texts = await page.locator("#journal .text").allTextContents();
      const told = ["first", "second", "third"];
      assertEquals(
        texts.filter((text) => told.includes(text)),
        told.toReversed(),
      );
    });

    await test.step("has room for everything on a phone", async () => {
      const [width = 0, height = 0] = await page.evaluate<number[]>(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]",
      );
      assertEquals(width, PHONE.width);
      assertLess(height, 2_600);
      await page.click("nav [href='#clients']");
      assert(await page.isVisible("#lookup"));
    });

    await test.step("leads from groups to their members, and to one of them", async () => {
      await page.focus("#busiest");
      await page.keyboard.press("Enter");
      await page.locator("#found .link", { hasText: "lobby" }).focus();
      await page.keyboard.press("Enter");
      await page.getByText("Members of group lobby: 1 of 30").waitFor();
      await page.locator("#found .link", { hasText: "ada" }).focus();
      await page.keyboard.press("Enter");

      await page.locator(".client", { hasText: "ada" }).waitFor();
      await page.waitForSelector("#found:focus");
    });

    await test.step("sends no message that says nothing, and asks before it does anything", async () => {
      const message = page.locator(".client input");
      await message.fill("  ");
      await message.press("Enter");
      assertEquals(await page.isVisible("#confirm"), false);
      await page.getByText("Disconnect…").click();
      await page.waitForSelector("#confirm[open]");
      const focused = "document.activeElement.textContent";
      assertEquals(await page.evaluate(focused), "Cancel");
      assertEquals(await problems(page), []);
      await page.keyboard.press("Enter");
      await page.getByText("Disconnect…").click();
      await page.keyboard.press("Tab");
      assertEquals(await page.evaluate(focused), "Disconnect");
      await page.keyboard.press("Enter");
      await page.getByText("Disconnected").waitFor();

      assertEquals(served.closed.length, 1);
    });

    await test.step("names a node that reports no more", async () => {
      served.report = cluster({ reportAge: 7 });

      assertEquals(await shows(page, "partly"), "! Live, without Gateway 0");
      await page.locator("#gateways .state-overdue").waitFor();
      served.report = cluster();
      await shows(page, "live");
    });

    await test.step("is not live while nobody knows more, nor when a laptop is opened again", async () => {
      served.report = undefined;
      const place = page.locator("#connection");
      await eventually("the page notices that it slept", async () => {
        // The look that is on its way may still tell it that all is well.
        await page.evaluate(`{
          const { now } = Date;
          Date.now = () => now() + 3_600_000;
        }`);
        const text = await place.innerText();
        return /^! No answer, figures are old: \d+h/.test(text);
      });

      served.report = cluster();
      assertEquals(await shows(page, "live"), "● Live");
    });
  },
});
