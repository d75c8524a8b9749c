import type { CallError } from "../../../lib/client/call_error.ts";
import { Client } from "../../../lib/client/client.ts";
import { Random } from "../../chaos/random.ts";
import { ModelGateway, type ModelSession } from "./_model_gateway.ts";
import {
  settle,
  VirtualNetwork,
  VirtualPage,
  VirtualStore,
  VirtualTime,
} from "./_virtual_world.ts";

/** What a run came to. */
export interface ModelOutcome {
  /** Claims that were not true, in words. */
  readonly wrong: string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** What became of a message that the application sent. */
type Fate = "sent" | "handled" | "returned";

/** A client that lets its count be seen. */
class SeenClient extends Client {
  get received(): number {
    return this.conversation.session.received;
  }
}

/**
 * A client and a model gateway in virtual time, with a network that fails by a seed.
 * Everything that the client claims is compared with what the gateway did.
 */
class ModelRun {
  readonly #random: () => number;
  readonly #time = new VirtualTime();
  readonly #network: VirtualNetwork;
  readonly #gateway: ModelGateway;
  readonly #page = new VirtualPage();
  readonly #store = new VirtualStore();
  readonly #resend: boolean;
  readonly #wrong: string[] = [];
  readonly #fates = new Map<string, Fate>();
  readonly #counts = {
    messages: 0,
    requests: 0,
    answered: 0,
    gapsTold: 0,
    missedTold: 0,
    reloads: 0,
    crashes: 0,
    cuts: 0,
    unseen: 0,
  };
  #client: SeenClient;
  /** The session that the client was last told to be in. */
  #session: ModelSession | undefined;
  /** The numbers of its messages that were heard. */
  readonly #heard = new Set<number>();
  #calls = 0;
  readonly #openCalls = new Set<number>();

  constructor(seed: number) {
    const random = new Random(seed);
    this.#random = () => random.next();
    this.#resend = seed % 2 === 0;
    this.#network = new VirtualNetwork(this.#time, this.#random);
    const ring = 5 + Math.floor(this.#random() * 30);
    this.#gateway = new ModelGateway(this.#network, ring);
    this.#client = this.#connect();
  }

  async go(steps: number): Promise<ModelOutcome> {
    for (let i = 0; i < steps; i++) {
      this.#step();
      await this.#time.pass(this.#random() ** 3 * 4000);
    }
    this.#network.isDown = false;
    this.#wake();
    await this.#time.pass(240_000);
    this.#judgeEnd();
    const { counts } = this.#gateway;
    return { wrong: this.#wrong, counts: { ...counts, ...this.#counts } };
  }

  #connect(): SeenClient {
    const { setTimeout, clearTimeout } = this.#time;
    const client = new SeenClient(new URL("ws://model"), {
      resend: this.#resend,
      store: this.#store,
    }, {
      setTimeout,
      clearTimeout,
      random: this.#random,
      WebSocket: this.#network.WebSocket,
      watchPage: this.#page.watch,
    });
    client.on("message", (message) => this.#onMessage(client, `${message}`));
    client.on("gap", ({ missed }) => this.#onMissed(client, missed));
    client.on("back", ({ missed }) => this.#onBack(client, missed));
    client.on("fresh", ({ returned }) => {
      this.#onNew(client);
      if (this.#resend) return;
      for (const { data } of returned) this.#settle(`${data}`, "returned");
    });
    client.on("state", (state) => {
      if (state === "open" && !this.#session) this.#onNew(client);
    });
    client.on("error", (error) => this.#wrong.push(`error: ${error}`));
    client.on("closed", () => this.#wrong.push("closed"));
    client.handle("ask", (data) => data);
    return client;
  }

  #step(): void {
    const dice = this.#random();
    if (dice < 0.3) this.#sendOne();
    else if (dice < 0.4) this.#request();
    else if (dice < 0.7) this.#tell();
    else if (dice < 0.84) this.#cut();
    else if (dice < 0.88) this.#network.isDown = !this.#network.isDown;
    else if (dice < 0.91) this.#wake();
    else if (dice < 0.93) this.#move();
    else if (dice < 0.95) this.#sleep();
    else if (dice < 0.96) this.#reload();
    else if (dice < 0.967) this.#crash();
    else if (dice < 0.98) this.#drop();
    else this.#ask();
  }

  #sendOne(): void {
    for (let i = 0; i <= this.#random() * 5; i++) {
      const text = `c${++this.#counts.messages}`;
      this.#fates.set(text, "sent");
      this.#client.send(text).then(
        () => this.#settle(text, "handled"),
        (error: CallError) => {
          if (error.code !== "lost") this.#wrong.push(`send: ${error.code}`);
        },
      );
    }
  }

  #request(): void {
    const value = ++this.#calls;
    this.#counts.requests++;
    this.#openCalls.add(value);
    const name = this.#random() < 0.1 ? "never" : "echo";
    const client = this.#client;
    client.request(name, value, { timeout: 30_000 }).then(
      (answer) => {
        this.#counts.answered++;
        if (answer !== value) this.#wrong.push(`${value} answered ${answer}`);
      },
      ({ code }: CallError) => {
        if (["gap", "lost", "timeout"].includes(code)) return;
        this.#wrong.push(`request: ${code}`);
      },
    ).finally(() => this.#openCalls.delete(value));
  }

  #tell(): void {
    for (const session of this.#gateway.sessions) {
      for (let i = 0; i <= this.#random() * 8; i++) {
        this.#gateway.message(session);
      }
    }
  }

  #ask(): void {
    for (const session of this.#gateway.sessions) {
      this.#gateway.ask(session);
    }
  }

  #cut(): void {
    const isSeen = this.#random() < 0.7;
    for (const socket of this.#network.sockets) {
      this.#counts.cuts++;
      if (!isSeen) this.#counts.unseen++;
      socket.cut({ client: isSeen, gateway: this.#random() < 0.5 });
    }
  }

  #move(): void {
    for (const session of this.#gateway.sessions) {
      this.#gateway.move(session, this.#random() * 3000);
    }
  }

  #drop(): void {
    for (const session of this.#gateway.sessions) {
      this.#gateway.drop(session, 1 + Math.floor(this.#random() * 5));
    }
  }

  #wake(): void {
    this.#page.hooks?.wake();
  }

  #sleep(): void {
    this.#page.hooks?.sleep();
  }

  /** The page is left, and loaded again: nobody hears of the old one's promises. */
  #reload(): void {
    if (this.#client.id === "") return; // There is nothing to keep.
    this.#counts.reloads++;
    this.#page.hooks?.leave(false);
    this.#openCalls.clear();
    this.#client = this.#connect();
  }

  /** The gateway's process dies, and with it what it had. */
  #crash(): void {
    this.#counts.crashes++;
    for (const socket of this.#network.sockets) {
      socket.cut({ client: this.#random() < 0.7, gateway: false });
    }
    this.#gateway.crash();
  }

  /** What the client says that it is in. */
  #find(client: SeenClient): ModelSession | undefined {
    const id = Number(client.id.slice(1));
    return [...this.#gateway.sessions].find((session) => session.id === id);
  }

  #onNew(client: SeenClient): void {
    const session = this.#find(client);
    if (session && session === this.#session) {
      this.#wrong.push("new, and is not");
    }
    this.#session = session;
    this.#heard.clear();
  }

  #onBack(client: SeenClient, missed: number): void {
    const session = this.#find(client);
    if (session && session !== this.#session) {
      this.#wrong.push("back elsewhere");
    }
    this.#onMissed(client, missed);
  }

  /** A message carries its session and number, as the gateway counts. */
  #onMessage(client: SeenClient, text: string): void {
    if (client !== this.#client) this.#wrong.push("an old page hears");
    const [id, number = 0] = text.split(":").map(Number);
    if (id !== Number(client.id.slice(1))) {
      this.#wrong.push(`${text} is foreign`);
    }
    if (number !== client.received) {
      this.#wrong.push(`${text} is taken for ${client.received}`);
    }
    if (this.#heard.has(number)) this.#wrong.push(`${text} is heard twice`);
    this.#heard.add(number);
  }

  /** What is told to be missing is what was dropped. */
  #onMissed(client: SeenClient, missed: number): void {
    if (missed === 0) return;
    this.#counts.gapsTold++;
    this.#counts.missedTold += missed;
    if (!this.#session || this.#session.isOver) return;
    for (let i = client.received - missed + 1; i <= client.received; i++) {
      if (!this.#session.dropped.has(i)) {
        this.#wrong.push(`${i} is not missing`);
      }
    }
  }

  #settle(text: string, fate: Fate): void {
    const before = this.#fates.get(text);
    if (before === undefined) this.#wrong.push(`unknown ${text} ${fate}`);
    if (before === "returned" || before === "handled") {
      this.#wrong.push(`${text} ${fate} after ${before}`);
    }
    this.#fates.set(text, fate);
    if (fate === "handled" && !this.#gateway.handled.includes(text)) {
      this.#wrong.push(`${text} is not handled`);
    }
  }

  /** All is quiet: both ends must agree, and nothing may be without a fate. */
  #judgeEnd(): void {
    const { state, received, bufferedAmount } = this.#client;
    const session = this.#find(this.#client);
    if (state !== "open" || !session) {
      this.#wrong.push(`ends ${state}, the gateway has ${session?.id}`);
      return;
    }
    if (received !== session.sent) {
      this.#wrong.push(`has ${received} of ${session.sent}`);
    }
    for (const number of session.messages) {
      if (this.#heard.has(number) || session.dropped.has(number)) continue;
      this.#wrong.push(`${number} is a hole that nobody told of`);
    }
    if (bufferedAmount > 0) this.#wrong.push(`${bufferedAmount} wait for ever`);
    if (this.#openCalls.size > 0) this.#wrong.push("requests wait for ever");
    this.#judgeMessages();
    const { answers } = this.#gateway;
    if (new Set(answers.map(([id]) => id)).size < answers.length) {
      this.#wrong.push("an ask is answered twice");
    }
    for (const [id, rest] of answers) {
      if (rest !== `${id}\n"${id}"`) this.#wrong.push(`${id} answered ${rest}`);
    }
  }

  #judgeMessages(): void {
    const { handled } = this.#gateway;
    const isHandled = new Set(handled);
    if (!this.#resend) {
      if (isHandled.size < handled.length) this.#wrong.push("handled twice");
      const numbers = handled.map((text) => Number(text.slice(1)));
      if (numbers.some((number, i) => number < (numbers[i - 1] ?? 0))) {
        this.#wrong.push("handled out of order");
      }
    }
    for (const [text, fate] of this.#fates) {
      if (fate === "returned" || isHandled.has(text)) continue;
      this.#wrong.push(`${text} vanished, it was ${fate}`);
    }
  }
}

/** Runs one seed. */
export async function runModel(
  seed: number,
  steps: number,
): Promise<ModelOutcome> {
  const run = new ModelRun(seed);
  await settle();
  return await run.go(steps);
}
