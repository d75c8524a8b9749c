import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decode } from "../../examples/chat/message.ts";
import { Inbox } from "../_support/inbox.ts";
import { hasChromium, TestBrowser } from "../dashboard/browser.ts";
import { problems } from "../dashboard/problems.ts";
import { eventually } from "../_support/eventually.ts";
import { getAvailablePorts } from "../_support/processes.ts";

/** A test that waits in vain is ended after this time: its cluster goes away. */
const PATIENCE = 60_000;

/** An example, run through the command line as its first lines say. */
class RunningExample implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #limit: ReturnType<typeof setTimeout>;
  /** What it prints, by line. */
  readonly lines = new Inbox<string>();
  /** All that it printed so far. */
  readonly printed: string[] = [];
  /** Process ids of its workers, as they become ready. */
  readonly workers: number[] = [];
  /** Where its clients connect. */
  readonly gateway = `127.0.0.1:${getAvailablePorts(1)}`;
  /** Where its page is. */
  readonly port = getAvailablePorts(1);

  constructor(handler: string) {
    const [register, startPort] = [getAvailablePorts(1), getAvailablePorts(1)];
    this.#child = new Deno.Command("deno", {
      args: ["run", "-A", "cli.ts", "start", handler].concat(
        ["--workers", "2", "--listen", `ws://${this.gateway}`],
        ["--register", `127.0.0.1:${register}`, "--start-port", `${startPort}`],
      ),
      env: { CHAT_PORT: `${this.port}`, CHAT_GATEWAY: this.gateway },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#reading = this.#read();
    this.#limit = setTimeout(() => this.#child.kill("SIGTERM"), PATIENCE);
  }

  /** Starts an example and waits until all of it is ready. */
  static async start(handler: string): Promise<RunningExample> {
    const example = new RunningExample(handler);
    await example.lines.until((line) => line.startsWith("All ready"));
    return example;
  }

  async #read(): Promise<void> {
    let rest = "";
    const decoder = new TextDecoderStream();
    for await (const text of this.#child.stdout.pipeThrough(decoder)) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
    }
  }

  #take(line: string): void {
    const pid = /^Worker ready: .*\(pid (\d+)\)/.exec(line)?.[1];
    if (pid !== undefined) this.workers.push(Number(pid));
    this.printed.push(line);
    this.lines.push(line);
  }

  /** Returns the page's text, from whichever worker serves it by now. */
  async page(): Promise<string> {
    while (true) {
      try {
        const response = await fetch(`http://127.0.0.1:${this.port}/`);
        return await response.text();
      } catch {
        // Nobody serves it at this moment: a standing-by worker takes over.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#limit);
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#reading;
  }
}

type Told = Record<string, unknown>;

/** A WebSocket client that speaks as the page does. */
class Visitor implements AsyncDisposable {
  readonly #socket: WebSocket;
  /** What it was told. */
  readonly inbox = new Inbox<string>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.inbox.push(data);
  }

  /** Connects. */
  static async come(gateway: string): Promise<Visitor> {
    const socket = new WebSocket(`ws://${gateway}`);
    const visitor = new Visitor(socket);
    await new Promise((resolve) => socket.onopen = resolve);
    return visitor;
  }

  /** Connects, and enters a room. */
  static async enter(
    gateway: string,
    name: string,
    room: string,
  ): Promise<Visitor> {
    const visitor = await Visitor.come(gateway);
    visitor.send({ type: "enter", name, room });
    await visitor.told("welcome");
    return visitor;
  }

  /** Sends JSON, or text as it is. */
  send(message: object | string): void {
    this.#socket.send(
      typeof message === "string" ? message : JSON.stringify(message),
    );
  }

  /** Says something in its room. */
  say(text: string): void {
    this.send({ type: "say", key: crypto.randomUUID(), text });
  }

  /** Waits until it is told this; passes over the rest. */
  async told(type: string): Promise<Told> {
    while (true) {
      const message: Told = JSON.parse(await this.inbox.next());
      if (message["type"] === type) return message;
    }
  }

  /** Waits until it hears what somebody says. */
  async hears(): Promise<unknown[]> {
    const { name, text } = await this.told("say");
    return [name, text];
  }

  /** Waits until it hears this text; what was told again is passed over. */
  async hearsAtLast(text: string): Promise<void> {
    while ((await this.told("say"))["text"] !== text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
  }
}

Deno.test("echo says back what it hears", async () => {
  await using example = await RunningExample.start("examples/echo.ts");
  await using visitor = await Visitor.come(example.gateway);

  visitor.send("hello");

  assertEquals(await visitor.inbox.next(), "hello");
});

Deno.test("chat serves its page, and prints where, once", async () => {
  await using example = await RunningExample.start("examples/chat/handler.ts");

  const html = await example.page();

  assertMatch(html, /<!DOCTYPE html>/i);
  assertStringIncludes(html, `name="gateway" content="${example.gateway}"`);
  assertEquals(
    example.printed.filter((line) => line.startsWith("Chat:")),
    [`Chat: open http://127.0.0.1:${example.port}`],
  );
});

Deno.test("chat lets people of one room talk, and tells who is where", async () => {
  await using example = await RunningExample.start("examples/chat/handler.ts");
  const { gateway } = example;
  await using ada = await Visitor.enter(gateway, "Ada", "Lobby");
  await using bo = await Visitor.come(gateway);
  await using cy = await Visitor.enter(gateway, "Cy", "Cellar");

  bo.send({ type: "enter", name: " Bo\n Diddley ", room: "Lobby" });
  const { id, people } = await bo.told("welcome");
  const sessions = Object.values(people as Record<string, Told>);
  assertEquals(sessions.map(({ name }) => name).sort(), [
    "Ada",
    "Bo Diddley",
    "Cy",
  ]);

  ada.say("hello");
  assertEquals(await bo.hears(), ["Ada", "hello"]);
  assertEquals(await ada.hears(), ["Ada", "hello"]);

  bo.send({ type: "enter", name: "Bo", room: "Cellar" });
  await bo.told("welcome");
  ada.say("only for the Lobby");
  cy.say("for the Cellar");
  assertEquals(await bo.hears(), ["Cy", "for the Cellar"]);

  await bo[Symbol.asyncDispose]();
  assertEquals((await ada.told("gone"))["id"], id);
});

Deno.test("chat answers nonsense with an error that says what is wrong, and goes on", async () => {
  await using example = await RunningExample.start("examples/chat/handler.ts");
  await using visitor = await Visitor.come(example.gateway);

  visitor.send("{oops");
  visitor.send({ type: "say", key: "1", text: "too early" });
  visitor.send({ type: "enter", name: "Ada", room: "Lobby" });
  visitor.say("still here");

  const reasons = [await visitor.told("error"), await visitor.told("error")];
  assertEquals(reasons.map(({ reason }) => reason), [
    "A message must be a JSON object",
    "Enter a room first",
  ]);
  assertEquals(await visitor.hears(), ["Ada", "still here"]);
});

Deno.test("chat keeps talk and page going while each of its workers is killed", async () => {
  await using example = await RunningExample.start("examples/chat/handler.ts");
  await using ada = await Visitor.enter(example.gateway, "Ada", "Lobby");
  await using bo = await Visitor.enter(example.gateway, "Bo", "Lobby");

  for (const [index, pid] of [...example.workers].entries()) {
    Deno.kill(pid, "SIGKILL");
    ada.say(`${index}`);
    await bo.hearsAtLast(`${index}`);
    await example.lines.until((line) => line.startsWith("Worker ready"));
    assertMatch(await example.page(), /<!DOCTYPE html>/i);
  }
});

Deno.test({
  name: "chat lets go of a page that is left, though its browser keeps it",
  ignore: !hasChromium(),
  fn: async () => {
    await using example = await RunningExample.start(
      "examples/chat/handler.ts",
    );
    await using ada = await Visitor.enter(example.gateway, "Ada", "Lobby");
    await using browser = await TestBrowser.start();
    const origin = `http://127.0.0.1:${example.port}`;
    await using open = await browser.open(`${origin}/#Lobby`);
    const { page } = open;
    await page.fill("#door input[name=name]", "Bo");
    await page.keyboard.press("Enter");
    await ada.told("here");

    await page.goto("about:blank");
    await ada.told("gone");
    // The browser's own way back: it does not load a page that it kept.
    void page.evaluate("history.back()").catch(() => {});

    await ada.told("here");
  },
});

Deno.test({
  name: "chat's page is for talking, whoever comes and goes",
  ignore: !hasChromium(),
  fn: async (test) => {
    await using example = await RunningExample.start(
      "examples/chat/handler.ts",
    );
    const { gateway } = example;
    await using browser = await TestBrowser.start();
    const url = `http://127.0.0.1:${example.port}/#Lobby`;
    await using open = await browser.open(url, { width: 390, height: 844 });
    const { page, complaints } = open;
    const focused = "document.activeElement.id";
    const online = "#state[data-state=online]";
    const door = "#door input[name=name]";

    await test.step("one can write as soon as one is in", async () => {
      await page.fill(door, "Ada");
      await page.keyboard.press("Enter");
      await page.waitForSelector(online);
      await eventually("the draft has the focus", async () => {
        return await page.evaluate(focused) === "draft";
      });
      await page.keyboard.type("hello");
      await page.keyboard.press("Enter");

      await page.locator("#log .own", { hasText: "hello" }).waitFor();
    });

    await test.step("who comes and goes stands in one line below what was said", async () => {
      const crowd = ["\u202EBo", "Cy", "Dee", "Eve"];
      const visitors: Visitor[] = [];
      for (const name of crowd) {
        visitors.push(await Visitor.enter(gateway, name, "Lobby"));
      }
      await page.locator(".note", { hasText: "Bo, Cy, and 2 others joined" })
        .waitFor();
      for (const visitor of visitors) await visitor[Symbol.asyncDispose]();
      await using fay = await Visitor.enter(gateway, "Fay", "Lobby");
      // Whoever came and went again has left no trace.
      await page.locator(".note", { hasText: /^Fay joined$/ }).waitFor();
      fay.say("hi");
      await page.locator("#log .say", { hasText: "hi" }).waitFor();

      const lines = await page.locator("#log li").allInnerTexts();
      assertEquals(lines.length, 4, lines.join("\n"));
    });

    await test.step("a second tab is somebody else", async () => {
      const tab = await page.context().newPage();
      await tab.goto(url);
      await eventually("the other tab's name is not proposed", async () => {
        const name = tab.locator(door);
        return await name.inputValue() === "" &&
          await name.getAttribute("placeholder") === "Ada is in another tab";
      });
      await tab.close();
    });

    await test.step("has no serious problem that axe-core knows", async () => {
      await page.locator(online).waitFor();
      assertEquals(await problems(page), []);
      await page.click("#open-side");
      await page.click("#theme");
      assertEquals(await problems(page), []);
      const library = `loads http://${gateway}/client.js?1`;
      assertEquals(complaints.filter((each) => each !== library), []);
    });
  },
});

Deno.test("decode() takes no name that turns the text around it, or that nobody sees", () => {
  const enter = (name: string) =>
    decode(JSON.stringify({ type: "enter", name, room: "Lobby" }));

  const turned = enter("\u202Egnp.exe\u2066 \u061C");
  assertEquals(turned.type === "enter" && turned.name, "gnp.exe");
  assertEquals(enter("\u200D\u200B\u3164").type, "invalid");
  assertEquals(enter("👩\u200D🚀").type, "enter");
});

Deno.test("decode() takes names and messages at their limits and refuses one more", () => {
  const enter = (name: string) =>
    decode(JSON.stringify({ type: "enter", name, room: "Lobby" }));
  const say = (text: string) =>
    decode(JSON.stringify({ type: "say", key: "1", text }));

  assertEquals(enter("x".repeat(24)).type, "enter");
  assertEquals(enter("x".repeat(25)).type, "invalid");
  assertEquals(say("x".repeat(2_000)).type, "say");
  assertEquals(say("x".repeat(2_001)).type, "invalid");
  assertEquals(say(" \u0000 ").type, "invalid");
});

Deno.test("decode() refuses whatever is not an object of a known type", () => {
  for (const json of ["", "null", "1", "[]", "{}", '{"type":"constructor"}']) {
    assertEquals(decode(json).type, "invalid", json);
  }
});
