/**
 * Makes the pictures in `docs/screenshots/`: a cluster under load, an empty one, one
 * that drains; dark and light, wide and narrow. Takes a minute.
 *
 *     deno run -A tests/dashboard/screenshots.ts [CLIENTS]
 *
 * @module
 */
import {
  clientUrl,
  registerAddress,
  startAllAt,
} from "../_support/commands.ts";
import { getAvailablePorts, startCli } from "../_support/processes.ts";
import { TestBrowser, type View } from "./browser.ts";
import { BusyCrowd } from "./busy_crowd.ts";

const FOLDER = new URL("../../docs/screenshots/", import.meta.url).pathname;

const HANDLER = new URL("./handler.ts", import.meta.url).pathname;

/** Handlers that take their time, so that a worker that stops drains for a while. */
const SLOW_HANDLER = new URL("./slow_handler.ts", import.meta.url).pathname;

const WIDE: View = { width: 1360, height: 1900 };
const DARK: View = { ...WIDE, colorScheme: "dark" };
const PHONE: View = { width: 390, height: 1200 };
const DARK_PHONE: View = { ...PHONE, colorScheme: "dark" };

/** Milliseconds in which the charts get something to show. */
const SETTLE = 12_000;

async function pause(time: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, time));
}

async function take(
  browser: TestBrowser,
  url: string,
  views: Record<string, View>,
): Promise<void> {
  for (const [name, view] of Object.entries(views)) {
    await using opened = await browser.open(url, view);
    await opened.page.waitForSelector("#connection[data-state=live]");
    await pause(1_500);
    await opened.page.screenshot({ path: `${FOLDER}${name}.png` });
  }
}

async function takeEmpty(browser: TestBrowser): Promise<void> {
  const admin = `127.0.0.1:${getAvailablePorts(1)}`;
  await using register = startCli([
    "register",
    `--register-listen=${registerAddress()}`,
    `--admin=${admin}`,
  ]);
  await register.line(/^Register ready/);
  await take(browser, `http://${admin}/`, {
    "empty-light": { ...WIDE, height: 700 },
  });
}

async function takeBusy(browser: TestBrowser, clients: number): Promise<void> {
  const register = registerAddress();
  const admin = `127.0.0.1:${getAvailablePorts(1)}`;
  await using cluster = startAllAt(register, HANDLER, [
    "--gateways=3",
    "--workers=5",
    `--listen=ws://127.0.0.1:${getAvailablePorts(1)}`,
    `--admin=${admin}`,
  ]);
  using crowd = await BusyCrowd.come(await clientUrl(cluster), clients);
  await pause(SETTLE);
  const url = `http://${admin}/`;
  await take(browser, url, {
    "load-light": WIDE,
    "load-dark": DARK,
    "load-phone": PHONE,
    "load-phone-dark": DARK_PHONE,
  });
  await using leaving = startCli([
    "worker",
    SLOW_HANDLER,
    `--register=${register}`,
    "--name=Leaving",
    "--drain-timeout=20",
  ]);
  await leaving.line(/^Worker ready/);
  await crowd.grow(200);
  await using opened = await browser.open(url, WIDE);
  await opened.page.waitForSelector("#workers tr:nth-child(6)");
  leaving.signal("SIGTERM");
  await opened.page.waitForSelector("#workers .state-draining");
  await opened.page.waitForSelector("#map line.is-draining");
  await opened.page.screenshot({ path: `${FOLDER}drain-light.png` });
}

if (import.meta.main) {
  await Deno.mkdir(FOLDER, { recursive: true });
  await using browser = await TestBrowser.start();
  await takeEmpty(browser);
  await takeBusy(browser, Number(Deno.args[0] ?? 2_000));
}
