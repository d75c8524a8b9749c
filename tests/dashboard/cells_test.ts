/** What the page shows of bridges and the cells that they know, in a browser. @module */

import { assertEquals } from "@std/assert";
import type { ClusterReport } from "../../lib/observe/report.ts";
import { bridgeReport, cellReport } from "../_support/bridge_report.ts";
import { hasChromium, TestBrowser } from "./browser.ts";
import { problems } from "./problems.ts";
import { CLUSTER, ServedDashboard } from "./served_dashboard.ts";

const JOINED: ClusterReport = {
  ...CLUSTER,
  bridges: [bridgeReport(
    cellReport({
      cell: "us",
      lost: { window: 3, silent: 12, epoch: 0, tooLarge: 0, refused: 0 },
    }),
    cellReport({ cell: "ap", reachable: false, silentFor: 75 }),
  )],
};

Deno.test(
  "the page shows each cell with window, lag and losses; nothing of cells where there is no bridge",
  {
    ignore: !hasChromium(),
  },
  async () => {
    await using served = await ServedDashboard.open("", 50);
    await using browser = await TestBrowser.start();
    await using opened = await browser.open(served.url);
    const { page } = opened;
    const texts = async (section: string) =>
      await page.locator(`#${section} tbody tr`).allInnerTexts();
    await page.waitForSelector("#gateways tbody tr");
    assertEquals(await page.locator("#cells").isVisible(), false);
    assertEquals(await page.locator("#to-cells").isVisible(), false);

    served.report = JOINED;
    await page.waitForSelector("#cells tbody tr:nth-child(2)");

    const cells = (await texts("cells")).map((row) => row.split("\t"));
    const [ap = [], us = []] = cells;
    assertEquals(ap.slice(0, 4), ["ap", "10.0.0.5:2890", "? silent", "1m15s"]);
    assertEquals(us.slice(0, 3), ["us", "10.0.0.5:2890", "✓ ready"]);
    assertEquals(us.slice(4), [
      ...["100", "90", "4", "2.0K", "30ms", "12ms", "2", "15"],
      "3 window, 12 silent",
    ]);
    const [bridge = ""] = await texts("bridges");
    assertEquals(bridge.split("\t").slice(0, 5), [
      ...["Bridge 0", "✓ ready", "eu", "1", "10.0.0.9:4222"],
    ]);
    assertEquals(await page.locator("#to-cells").isVisible(), true);
    assertEquals(await problems(page), []);
  },
);
