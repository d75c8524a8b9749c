import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { chat, type Said } from "../../examples/chat/contract.ts";
import { Talk } from "../../examples/chat/talk.ts";
import { CallError, type Client, connect } from "../../lib/client/mod.ts";
import {
  type Member,
  type Presence,
  watchPresence,
} from "../../lib/client/presence/mod.ts";
import {
  ContractError,
  typed,
  type TypedClient,
} from "../../lib/contract/mod.ts";
import { Inbox } from "../_support/inbox.ts";
import { hasChromium, TestBrowser } from "../dashboard/browser.ts";
import { problems } from "../dashboard/problems.ts";
import { eventually } from "../_support/eventually.ts";
import { getAvailablePorts } from "../_support/processes.ts";

/** A test that waits in vain is ended after this time, long for a busy machine. */
const PATIENCE = 180_000;

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
  /** Those of its gateways. */
  readonly gateways: number[] = [];
  /** Where its clients connect. */
  readonly gateway = `127.0.0.1:${getAvailablePorts(1)}`;
  /** Where its page is. */
  readonly port = getAvailablePorts(1);

  readonly #folder: string;

  constructor(handler: string, gateways = 1) {
    this.#folder = Deno.makeTempDirSync();
    const [register, startPort] = [getAvailablePorts(1), getAvailablePorts(1)];
    this.#child = new Deno.Command("deno", {
      args: ["run", "-A", "cli.ts", "start", handler].concat(
        ["--workers", "2", "--listen", `ws://${this.gateway}`],
        ["--gateways", `${gateways}`],
        ["--register", `127.0.0.1:${register}`, "--start-port", `${startPort}`],
      ),
      env: {
        CHAT_PORT: `${this.port}`,
        CHAT_GATEWAY: this.gateway,
        CHAT_HISTORY: `${this.#folder}/talk.sqlite`,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#reading = this.#read();
    this.#limit = setTimeout(() => this.#child.kill("SIGTERM"), PATIENCE);
  }

  /** Starts an example and waits until all of it is ready. */
  static async start(
    handler: string,
    gateways?: number,
  ): Promise<RunningExample> {
    const example = new RunningExample(handler, gateways);
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
    const [, role, pid] =
      /^(Worker|Gateway) ready: .*\(pid (\d+)\)/.exec(line) ?? [];
    if (role === "Worker") this.workers.push(Number(pid));
    if (role === "Gateway") this.gateways.push(Number(pid));
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
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** A client that speaks as the page does. */
class Visitor implements AsyncDisposable {
  readonly socket: Client;
  readonly chat: TypedClient<typeof chat>;
  /** What it heard of the room. */
  readonly inbox = new Inbox<Said>();
  /** Who it was told comes and goes. */
  readonly news = new Inbox<["here" | "gone", string]>();
  /** Who is in the chat. */
  readonly presence: Presence;

  /** Connects. */
  constructor(gateway: string) {
    this.socket = connect(`ws://${gateway}`);
    const { on } = this.chat = typed(this.socket, chat);
    on.said((said) => this.inbox.push(said));
    const tell = ({ uid, away }: Member) =>
      this.news.push([away ? "gone" : "here", uid]);
    this.presence = watchPresence(this.socket, "chat", {
      onJoin: tell,
      onChange: tell,
      onLeave: ({ uid }) => this.news.push(["gone", uid]),
    });
  }

  /** Connects, and enters a room. */
  static async enter(
    gateway: string,
    name: string,
    room: string,
  ): Promise<Visitor> {
    const visitor = new Visitor(gateway);
    await visitor.chat.call.enter({ name, room });
    // Whoever comes from now on is news.
    await eventually("it sees who is here", () => visitor.presence.isCurrent);
    return visitor;
  }

  /** Says something in its room. */
  async say(text: string): Promise<void> {
    await this.chat.call.say({ key: crypto.randomUUID(), text });
  }

  /** Waits until it is told that somebody is here, or gone; returns who. */
  async told(what: "here" | "gone"): Promise<string> {
    while (true) {
      const [kind, id] = await this.news.next();
      if (kind === what) return id;
    }
  }

  /** Waits until it hears what somebody says. */
  async hears(): Promise<unknown[]> {
    const { name, text } = await this.inbox.next();
    return [name, text];
  }

  /** Waits until it hears this text; what was told again is passed over. */
  async hearsAtLast(text: string): Promise<void> {
    while ((await this.inbox.next()).text !== text);
  }

  /** Who it sees, by name. */
  get sees(): unknown[] {
    return [...this.presence.members.values()]
      .map(({ state }) => state?.["name"]).sort();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.presence.close();
    this.socket.close();
    return Promise.resolve();
  }
}

Deno.test("echo says back what it hears", async () => {
  await using example = await RunningExample.start("examples/echo.ts");
  const socket = new WebSocket(`ws://${example.gateway}`);
  const heard = new Promise((resolve) => socket.onmessage = resolve);
  socket.onopen = () => socket.send("hello");

  assertEquals((await heard as MessageEvent).data, "hello");
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
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
  await using bo = new Visitor(gateway);
  await using cy = await Visitor.enter(gateway, "Cy", "Cellar");

  const { id } = await bo.chat.call
    .enter({ name: " Bo\n Diddley ", room: "Lobby" });
  for (const visitor of [ada, bo, cy]) {
    await eventually(
      "everybody is seen",
      () => visitor.sees.join() === "Ada,Bo Diddley,Cy",
    );
  }

  await ada.say("hello");
  assertEquals(await bo.hears(), ["Ada", "hello"]);
  assertEquals(await ada.hears(), ["Ada", "hello"]);

  await bo.chat.call.enter({ name: "Bo", room: "Cellar" });
  await ada.say("only for the Lobby");
  await cy.say("for the Cellar");
  assertEquals(await bo.hears(), ["Cy", "for the Cellar"]);

  await bo[Symbol.asyncDispose]();
  assertEquals(await ada.told("gone"), id);
});

Deno.test("chat refuses nonsense and says what is wrong, and goes on", async () => {
  await using example = await RunningExample.start("examples/chat/handler.ts");
  await using visitor = new Visitor(example.gateway);
  const { call } = visitor.chat;

  const early = await assertRejects(() => visitor.say("too early"), CallError);
  const nameless = await assertRejects(
    () => call.enter({ name: " \u200B", room: "Lobby" }),
    ContractError,
  );
  await call.enter({ name: "Ada", room: "Lobby" });
  await visitor.say("still here");

  assertEquals(early.code, "enter-first");
  assertEquals(nameless.issues[0]?.path, ["name"]);
  assertEquals(await visitor.hears(), ["Ada", "still here"]);
});

Deno.test("chat tells whoever comes back what was said meanwhile, whichever gateway is killed", async () => {
  await using example = await RunningExample.start(
    "examples/chat/handler.ts",
    2,
  );
  await using ada = await Visitor.enter(example.gateway, "Ada", "Lobby");
  await using bo = await Visitor.enter(example.gateway, "Bo", "Lobby");
  const heard = new Map<string, Said>();
  // What goes with a session that is lost is asked anew in the next.
  const asked = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    while (true) {
      try {
        return await ask();
      } catch (error) {
        const isOver = !(error instanceof CallError) || error.code === "closed";
        if (isOver) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const enter = async ({ chat }: Visitor, name: string) => {
    const { talk } = await asked(() =>
      chat.call.enter({ name, room: "Lobby" })
    );
    return talk;
  };
  const say = async (text: string) => {
    const key = crypto.randomUUID();
    await asked(() => ada.chat.call.say({ key, text }));
  };
  bo.chat.on.said((said) => heard.set(said.key, said));
  bo.socket.on("fresh", async () => {
    for (const said of await enter(bo, "Bo")) heard.set(said.key, said);
  });
  ada.socket.on("fresh", () => void enter(ada, "Ada"));
  const texts = Array.from({ length: 30 }, (_, number) => `${number}`);

  for (const text of texts) {
    const pid = example.gateways[{ 10: 0, 20: 1 }[text] ?? NaN];
    if (pid !== undefined) Deno.kill(pid, "SIGKILL");
    await say(text);
    if (pid === undefined) continue;
    await example.lines.until((line) => line.startsWith("Gateway ready"));
  }

  await eventually("Bo has heard all", () => heard.size === texts.length);
  const talk = [...heard.values()].sort((a, b) => a.time - b.time);
  assertEquals(talk.map(({ text }) => text).sort(), texts.toSorted());
});

Deno.test("chat keeps talk and page going while each of its workers is killed", async () => {
  await using example = await RunningExample.start("examples/chat/handler.ts");
  await using ada = await Visitor.enter(example.gateway, "Ada", "Lobby");
  await using bo = await Visitor.enter(example.gateway, "Bo", "Lobby");

  for (const [index, pid] of [...example.workers].entries()) {
    Deno.kill(pid, "SIGKILL");
    await ada.say(`${index}`);
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
      await fay.say("hi");
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
      const library = [`client`, `contract`, `presence`]
        .map((file) => `loads http://${gateway}/${file}.js?1`);
      assertEquals(complaints.filter((each) => !library.includes(each)), []);
    });
  },
});

/** What the contract makes of what is said to it; `undefined` if it refuses it. */
async function taken(call: "enter" | "say", data: unknown): Promise<unknown> {
  const result = await chat.calls[call].in["~standard"].validate(data);
  return result.issues ? undefined : result.value;
}

Deno.test("the chat's contract takes no name that turns the text around it, or that nobody sees", async () => {
  const enter = (name: string) => taken("enter", { name, room: "Lobby" });

  const turned = await enter("\u202Egnp.exe\u2066 \u061C");
  assertEquals(turned, { name: "gnp.exe", room: "Lobby", since: 0 });
  assertEquals(await enter("\u200D\u200B\u3164"), undefined);
  assert(await enter("👩\u200D🚀"));
});

Deno.test("the chat's contract takes names and messages at their limits and refuses one more", async () => {
  const enter = (name: string) => taken("enter", { name, room: "Lobby" });
  const say = (text: string) => taken("say", { key: "1", text });

  assert(await enter("x".repeat(24)));
  assertEquals(await enter("x".repeat(25)), undefined);
  assert(await say("x".repeat(2_000)));
  assertEquals(await say("x".repeat(2_001)), undefined);
  assertEquals(await say(" \u0000 "), undefined);
});

Deno.test("the chat's talk is told once, from a time on, and not above its limit", async () => {
  const folder = await Deno.makeTempDir();
  Deno.env.set("CHAT_HISTORY", `${folder}/talk.sqlite`);
  const [talk, other] = [new Talk(), new Talk()];
  Deno.env.delete("CHAT_HISTORY");
  const by = { id: "1", name: "Ada", room: "Lobby" };
  for (let time = 1; time <= 201; time++) {
    talk.add({ ...by, key: `${time}`, text: `${time}`, time });
  }

  const again = other.add({ ...by, key: "7", text: "seven", time: 1_000 });
  const late = other.since("Lobby", 190);

  assertEquals([again.text, again.time], ["7", 7]);
  assertEquals(
    late.talk.map(({ time }) => time).join(),
    "191,192,193,194,195,196,197,198,199,200,201",
  );
  assertEquals(late.isWhole, true);
  const all = other.since("Lobby", 0);
  assertEquals([all.talk.length, all.talk[0]?.time, all.isWhole], [
    200,
    2,
    false,
  ]);
  assertEquals(other.since("Cellar", 0), { talk: [], isWhole: true });
  for (const each of [talk, other]) each.close();
  await Deno.remove(folder, { recursive: true });
});
