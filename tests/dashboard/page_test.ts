/** The page that shows a cluster, in a browser, over real processes. @module */

import {
  assert,
  assertEquals,
  assertLess,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import type { Page } from "playwright-core";
import type { ClusterReport } from "../../lib/observe/report.ts";
import {
  clientUrl,
  registerAddress,
  runCommand,
  startAllAt,
} from "../_support/commands.ts";
import { eventually } from "../_support/eventually.ts";
import { getAvailablePorts, pidIn, startCli } from "../_support/processes.ts";
import { TestClient } from "../_support/test_client.ts";
import {
  hasChromium,
  type OpenPage,
  TestBrowser,
  type View,
} from "./browser.ts";
import { problems } from "./problems.ts";

const HANDLER = new URL("./handler.ts", import.meta.url).pathname;

const TOKEN = "open-sesame";

/** Most milliseconds until a change is seen: it takes two reports, one a second, and slack. */
const NOTICED = 6_000;

const TEST = {
  ignore: !hasChromium(),
  name: "The dashboard in a browser",
};
if (TEST.ignore) {
  // deno-lint-ignore no-console -- whoever runs the tests has to know
  console.log("The dashboard's page is not tested: there is no Chromium here");
}

/** What the page says of each row of a table: a figure for each field. */
async function figures(
  page: Page,
  section: string,
): Promise<Record<string, Record<string, string>>> {
  return await page.evaluate(`Object.fromEntries(
    [...document.querySelectorAll("#${section} tbody tr")].map((row) => [
      row.dataset.key,
      Object.fromEntries([...row.children].map(({ dataset }) =>
        [dataset.field, dataset.value])),
    ])
  )`);
}

/** A row as `status --json` has it, with what does not change while nobody does anything. */
function steady(row: object, fields: readonly string[]): [string, string][] {
  const known = new Map(Object.entries(row));
  return fields.map((field) => [field, String(known.get(field))]);
}

const GATEWAY = ["clients", "queued", "parkedClients", "state", "address"];
const WORKER = ["clients", "handled", "thrown", "timedOut", "state", "version"];

async function status(register: string): Promise<ClusterReport> {
  const { out } = await runCommand([
    "status",
    "--json",
    `--register=${register}`,
  ]);
  return JSON.parse(out.join(""));
}

/** Whether the page shows what `status --json` says. */
async function showsStatus(
  page: Page,
  report: ClusterReport,
): Promise<boolean> {
  const [gateways, workers] = [
    await figures(page, "gateways"),
    await figures(page, "workers"),
  ];
  const shown = [
    ...report.gateways.map(({ id }) => steady(gateways[id] ?? {}, GATEWAY)),
    ...report.workers.map(({ id }) => steady(workers[id] ?? {}, WORKER)),
    ...await ledgerOnPage(page),
    ...await peopleOnPage(page),
  ];
  const told = [
    ...report.gateways.map((row) => steady(row, GATEWAY)),
    ...report.workers.map((row) => steady(row, WORKER)),
    ...ledgerOf(report),
    ...peopleOf(report),
  ];
  return JSON.stringify(shown) === JSON.stringify(told);
}

const COUNTERS = ["accepted", "acknowledged", "inFlight", "sent", "dropped"];

function ledgerOf({ gateways }: ClusterReport): [string, string][] {
  return COUNTERS.map((counter) => [
    counter,
    String(
      gateways.reduce((sum, { ledger }) => sum + (ledger?.[counter] ?? 0), 0),
    ),
  ]);
}

async function ledgerOnPage(page: Page): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for (const counter of COUNTERS) {
    const entry = page.locator(`#ledger-${counter}`);
    found.push([counter, await entry.getAttribute("data-value") ?? ""]);
  }
  return found;
}

/** What people notice, as the page and `status --json` name it. */
function peopleOf({ gateways }: ClusterReport): [string, string][] {
  const answered = gateways.reduce(
    (sum, { people }) => sum + (people?.firstAnswers.count ?? 0),
    0,
  );
  const messages = gateways.reduce(
    (sum, { people }) => sum + (people?.groupFanOut.count ?? 0),
    0,
  );
  return [["answered", String(answered)], ["groupMessages", String(messages)]];
}

async function peopleOnPage(page: Page): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for (const figure of ["answered", "groupMessages"]) {
    const entry = page.locator(`#people-${figure}`);
    found.push([figure, await entry.getAttribute("data-value") ?? ""]);
  }
  return found;
}

/** Opens the page and gives it the token. */
async function enter(
  browser: TestBrowser,
  url: string,
  view?: View,
): Promise<OpenPage> {
  const opened = await browser.open(url, view);
  await opened.page.fill("#token", TOKEN);
  await opened.page.click("#login button");
  await opened.page.waitForSelector("#connection[data-state=live]");
  // Its first question had no token yet.
  opened.complaints.length = 0;
  return opened;
}

/** Returns how many milliseconds went by until the page showed so many of these. */
async function untilShown(
  page: Page,
  selector: string,
  count: number,
): Promise<number> {
  const start = performance.now();
  await eventually(
    `the page shows ${count} of ${selector}`,
    async () => await page.locator(selector).count() === count,
  );
  return performance.now() - start;
}

Deno.test(TEST, async (test) => {
  const register = registerAddress();
  const admin = `127.0.0.1:${getAvailablePorts(1)}`;
  const url = `http://${admin}/`;
  await using cluster = startAllAt(register, HANDLER, [
    "--workers=2",
    "--gateways=1",
    `--admin=${admin}`,
    "--stop-delay=0",
  ], { env: { GATEWAYWORKER_API_TOKEN: TOKEN } });
  await using browser = await TestBrowser.start();
  const gateway = await clientUrl(cluster);
  await using client = await TestClient.connect(gateway);
  client.send("i am <b>Ada</b>");
  await client.hear();
  await using opened = await enter(browser, url);
  const { page, complaints } = opened;

  await test.step("refuses a wrong token, and asks again", async () => {
    await using stranger = await browser.open(url);
    await stranger.page.fill("#token", "guess");
    await stranger.page.click("#login button");
    await stranger.page.waitForSelector("#refusal:not(:empty)");

    assert(await stranger.page.isVisible("#login"));
    assertEquals(await stranger.page.isVisible("#main"), false);
  });

  await test.step("shows the figures of status --json", async () => {
    for (let each = 0; each < 100; each++) client.send("hello");
    await client.hearAll(100);
    await eventually("the page and the status are the same", async () => {
      return await showsStatus(page, await status(register));
    });
    const clients = page.locator("#total-clients");
    const equation = page.locator("#equation");

    assertEquals(await clients.textContent(), "1");
    assertEquals(await equation.getAttribute("data-even"), "true");
    assertEquals(await page.textContent("#people-answered"), "1");
    assertEquals(await page.textContent("#people-gaps"), "0");
  });

  await test.step("shows a worker that comes and one that is killed", async () => {
    await using worker = startCli([
      "worker",
      HANDLER,
      `--register=${register}`,
      "--name=Late",
    ]);
    const pid = pidIn(await worker.line(/^Worker ready/));
    const added = await untilShown(page, "#workers tbody tr", 3);
    const { workers } = await status(register);
    const id = workers.find((each) => each.pid === pid)?.id ?? "";
    Deno.kill(pid, "SIGKILL");
    const killed = await untilShown(page, `#workers [data-key="${id}"]`, 0);
    await page.fill("#search", "Late");
    const story = await page.locator("#journal").innerText();

    assertNotEquals(id, "");
    assertLess(added, NOTICED);
    assertLess(killed, NOTICED);
    assertStringIncludes(story, "worker joined");
    assertStringIncludes(story, "worker left");
  });

  await test.step("finds a client by uid, sends to it, and closes it", async () => {
    await page.fill("#subject", "<b>Ada</b>");
    await page.click("#lookup button[type=submit]");
    const card = page.locator(".client");
    await card.waitFor();
    const facts = await card.innerText();
    await card.locator("input").fill("from the page");
    await card.locator("input").press("Enter");
    await page.click("#confirm button[value=yes]");
    const heard = await client.hear();
    await card.getByText("Disconnect").click();
    await page.click("#confirm button[value=no]");
    await card.getByText("Disconnect").click();
    await page.click("#confirm button[value=yes]");
    await client.closed;

    assertStringIncludes(facts, "<b>Ada</b>");
    assertStringIncludes(facts, "lobby");
    assertStringIncludes(facts, "nickname");
    assertEquals(heard, "from the page");
  });

  await test.step("sorts a table by keyboard, and says so", async () => {
    const head = page.locator("#workers th").nth(0);
    await head.locator("button").focus();
    await page.keyboard.press("Enter");

    assertEquals(await head.getAttribute("aria-sort"), "descending");
  });

  await test.step("is dark or light as somebody wants, and stays so", async () => {
    const theme = "document.documentElement.dataset.theme";
    await page.click("#theme");
    await page.click("#theme");
    const chosen = await page.evaluate(theme);
    await page.reload();
    await page.waitForSelector("#connection[data-state=live]");
    const kept = await page.evaluate(theme);
    await page.click("#theme");

    assertEquals([chosen, kept], ["dark", "dark"]);
    assertEquals(await page.locator("#theme").innerText(), "Theme: system");
  });

  await test.step("has no serious problem that axe-core knows, dark or light, wide or narrow", async () => {
    assertEquals(await problems(page), []);
    await using dark = await enter(browser, url, {
      width: 390,
      height: 844,
      colorScheme: "dark",
    });
    assertEquals(await problems(dark.page), []);
    assertEquals(
      await dark.page.evaluate("document.documentElement.scrollWidth"),
      390,
    );
    assertEquals(dark.complaints, []);
  });

  await test.step("is not live while the Register is too busy to answer, and repeats nothing after it", async () => {
    const pid = pidIn(await cluster.line(/^Register ready/));
    const workers = await page.locator("#workers tbody tr").count();
    Deno.kill(pid, "SIGSTOP");
    try {
      await page.waitForSelector("#connection[data-state=stale]");
      assertEquals(await page.locator("#workers tbody tr").count(), workers);
    } finally {
      Deno.kill(pid, "SIGCONT");
    }
    await page.waitForSelector("#connection[data-state=live]");
    await page.fill("#search", "");
    const events = await page.evaluate<string[]>(
      `[...document.querySelectorAll("#journal li")].map((item) =>
        item.querySelector("time").title + item.querySelector(".who").textContent +
        item.querySelector(".text").textContent)`,
    );
    const times = events.map((event) => event.slice(0, 23));

    assertEquals(new Set(events).size, events.length);
    assertEquals(times, times.toSorted().toReversed());
  });

  await test.step("complains of nothing, and loads nothing from elsewhere", () => {
    assertEquals(complaints, []);
  });

  await test.step("says so when the Register is gone", async () => {
    await cluster.insist("SIGTERM");
    await page.waitForSelector("#connection[data-state=lost]");

    assertStringIncludes(
      await page.locator("#connection").innerText(),
      "Connection to the Register lost",
    );
  });
});

Deno.test({ ...TEST, name: "The dashboard of an empty cluster" }, async () => {
  const register = registerAddress();
  const admin = `127.0.0.1:${getAvailablePorts(1)}`;
  await using process = startCli([
    "register",
    `--register-listen=${register}`,
    `--admin=${admin}`,
  ]);
  await process.line(/^Register ready/);
  await using browser = await TestBrowser.start();
  await using opened = await browser.open(`http://${admin}/`);
  await opened.page.waitForSelector(".hint");
  const hints = await opened.page.locator("#hints").innerText();

  assertStringIncludes(hints, "No gateway connected: start one with");
  assertStringIncludes(hints, "No worker connected: start one with");
  assertEquals(await opened.page.isVisible("#lookup"), false);
  assertEquals(await opened.page.isVisible("#tokenless"), true);
  assertEquals(await problems(opened.page), []);
  assertEquals(opened.complaints, []);
});
