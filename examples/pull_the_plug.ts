// deno-lint-ignore-file no-console -- a program: it tells what happens
// Two people chat while processes are killed, a worker first, then a gateway. While the
// chat runs with two of each, from the checkout:
//
//   deno run -A cli.ts start examples/chat/handler.ts --gateways 2 --workers 2
//   deno run -A examples/pull_the_plug.ts
//
// It ends with 1 if they do not go on. PLUG_URL is where the chat is, if elsewhere.
import { CallError, type Client, connect } from "@gatewayworker/core/client";
import { typed, type TypedClient } from "@gatewayworker/core/contract";
import { chat, type Said } from "./chat/contract.ts";

const URL_OF_CHAT = Deno.env.get("PLUG_URL") ?? "ws://127.0.0.1:8282";

/** How often each says something, and how long they chat between two kills. */
const [TALK, LULL] = [50, 1_000];

/** Longest that they may take to go on, in milliseconds. */
const PATIENCE = 20_000;

/** How long each waits for an answer. */
const WAIT = { timeout: PATIENCE };

/** One of the two: says 1, 2, 3, … and hears the other do so. */
class Person {
  readonly name: string;
  readonly #client: Client;
  readonly #chat: TypedClient<typeof chat>;
  readonly #room = `plug ${Deno.pid}`;
  #said = 0;
  #since = 0;
  readonly #heard: number[] = [];
  /** How many of these before it counted anew. */
  #begun = 0;
  #times: number[] = [];
  #away: number | undefined;
  /** For how long it had no connection, each time, in milliseconds. */
  absences: number[] = [];

  constructor(name: string) {
    this.name = name;
    this.#client = connect(URL_OF_CHAT);
    this.#chat = typed(this.#client, chat);
    this.#chat.on.said((said) => this.#hear(said));
    this.#client.on("fresh", () => void this.#enter());
    this.#client.on("state", (state) => {
      if (state === "away") this.#away ??= performance.now();
      else if (state === "open" && this.#away !== undefined) {
        this.absences.push(performance.now() - this.#away);
        this.#away = undefined;
      }
    });
    void this.#enter();
  }

  /** The last number of the other one that it heard. */
  get last(): number {
    return Math.max(0, ...this.#heard.slice(-100));
  }

  get said(): number {
    return this.#said;
  }

  /** Says the next number. */
  talk(): void {
    void this.#say(String(++this.#said));
  }

  /** Counts anew. */
  begin(): void {
    this.#begun = this.#heard.length;
    this.#times = this.#times.slice(-1);
    this.absences = [];
  }

  /** What it heard since `begin`: how many are missing, came again, and how they lag. */
  get account(): { missing: number; again: number; pause: number } {
    const heard = this.#heard.slice(Math.max(0, this.#begun - 1));
    const different = new Set(heard);
    const first = Math.min(...different);
    const missing = Math.max(...different) - first + 1 - different.size;
    const pauses = this.#times.slice(1)
      .map((time, index) => time - (this.#times[index] ?? time));
    const again = heard.length - different.size;
    return { missing, again, pause: Math.max(0, ...pauses) };
  }

  close(): void {
    this.#client.close();
  }

  /** Comes in, and is told what was said while it had no gateway. */
  async #enter(): Promise<void> {
    const { name } = this;
    const data = { name, room: this.#room, since: this.#since };
    const { talk } =
      await this.#asking(() => this.#chat.call.enter(data, WAIT)) ??
        { talk: [] };
    for (const said of talk) {
      if (!this.#heard.includes(Number(said.text))) this.#hear(said);
    }
  }

  /** Says it again, by the same key, if it was lost with the session. */
  async #say(text: string): Promise<void> {
    const key = `${this.#room} ${this.name} ${text}`;
    await this.#asking(() => this.#chat.call.say({ key, text }, WAIT));
  }

  async #asking<Answer>(
    ask: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    while (true) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        // What became of it otherwise is counted by the other one.
        if (error.code !== "lost") return undefined;
      }
    }
  }

  #hear({ name, text, time }: Said): void {
    if (name === this.name) return;
    this.#since = Math.max(this.#since, time - WAIT.timeout);
    this.#heard.push(Number(text));
    this.#times.push(performance.now());
  }
}

/** A process of the cluster, as `status --json` tells of it. */
interface Node {
  readonly name: string;
  readonly index: number;
  readonly pid: number;
  readonly clients: number;
}

async function status(): Promise<Record<"gateways" | "workers", Node[]>> {
  const cli = new URL("../cli.ts", import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", cli, "status", "--json"],
  }).output();
  const text = new TextDecoder().decode(success ? stdout : stderr);
  if (success) return JSON.parse(text);
  throw new Deno.errors.NotFound(text.trim());
}

/** Kills the one that has most clients. */
async function kill(kind: "gateways" | "workers"): Promise<void> {
  const nodes = (await status())[kind];
  const [{ name, index, pid }] = nodes.toSorted((one, other) =>
    other.clients - one.clients
  ) as [Node];
  console.log(`\nkill -9 ${pid}    (${name} ${index})`);
  Deno.kill(pid, "SIGKILL");
}

/** Waits until both have heard something that was said from now on. */
async function goOn(people: readonly [Person, Person]): Promise<void> {
  const [ann, bob] = people;
  const [fromAnn, fromBob] = [ann.said, bob.said];
  const deadline = performance.now() + PATIENCE;
  while (bob.last <= fromAnn || ann.last <= fromBob) {
    if (performance.now() > deadline) throw new RangeError("They fell silent");
    await new Promise((resolve) => setTimeout(resolve, TALK));
  }
  await new Promise((resolve) => setTimeout(resolve, LULL));
}

function tell({ name, absences, account }: Person): void {
  const { missing, again, pause } = account;
  const gone = absences.map((time) => `${(time / 1_000).toFixed(1)} s`);
  const how = gone.length === 0
    ? "stayed connected"
    : `was back after ${gone.join(" and ")}`;
  console.log(
    `${name} ${how}: ${missing} messages missing, ${again} twice, longest pause ${
      Math.round(pause)
    } ms`,
  );
}

if (import.meta.main) {
  await status(); // Says at once if nothing runs.
  const people = [new Person("Ann"), new Person("Bob")] as const;
  const talking = setInterval(() => people.forEach((it) => it.talk()), TALK);
  try {
    await goOn(people);
    console.log("Ann and Bob chat, 20 messages a second each");
    for (const kind of ["workers", "gateways"] as const) {
      people.forEach((it) => it.begin());
      await kill(kind);
      await goOn(people);
      people.forEach(tell);
    }
    console.log("\nThey still chat");
  } finally {
    clearInterval(talking);
    people.forEach((it) => it.close());
  }
}
