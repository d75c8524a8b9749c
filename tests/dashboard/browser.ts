/**
 * Debian's Chromium, for the tests of the page; on a machine without it they are
 * left out, and say so.
 *
 * @module
 */
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Page,
} from "playwright-core";

/** Where Debian installs it; another place can be named. */
const CHROMIUM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Milliseconds that one step on a page may take. */
const PATIENCE = 10_000;

/** How a page is looked at. */
export interface View {
  /** Pixels. */
  readonly width?: number;
  /** Pixels. */
  readonly height?: number;
  /** What the system has. */
  readonly colorScheme?: "light" | "dark";
}

/** A page, and what went wrong on it. */
export interface OpenPage extends AsyncDisposable {
  /** The page. */
  readonly page: Page;
  /** What its console complained of, and what it tried to load elsewhere. */
  readonly complaints: string[];
}

/** Whether there is a browser. */
export function hasChromium(): boolean {
  try {
    return Deno.statSync(CHROMIUM).isFile;
  } catch {
    // There is none at that place.
    return false;
  }
}

/** A browser that talks to this machine only. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Starts one, with an empty profile, that keeps pages for its "back" button. */
  static async start(): Promise<TestBrowser> {
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: FLAGS,
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
    return new TestBrowser(browser);
  }

  /** Opens an address on a tab of its own. */
  async open(url: string, view: View = {}): Promise<OpenPage> {
    const { width = 1280, height = 900, colorScheme = "light" } = view;
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const complaints = listenToComplaints(page, new URL(url).origin);
    await page.goto(url);
    return { page, complaints, [Symbol.asyncDispose]: () => leave(context) };
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

async function leave(context: BrowserContext): Promise<void> {
  await context.close();
}

function listenToComplaints(page: Page, origin: string): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) {
      complaints.push(`loads ${request.url()}`);
    }
  });
  return complaints;
}
