// deno-lint-ignore-file no-console -- a program: it tells what happens
// Two people chat while processes are killed, a worker first, then a gateway. While the
// chat runs with two of each, from the checkout:
//
//   deno run -A cli.ts start examples/chat/handler.ts --gateways 2 --workers 2
//   deno run -A examples/pull_the_plug.ts
//
// It ends with 1 if they do not go on. PLUG_URL is where the chat is, if elsewhere.
import { type Client, connect } from "@gatewayworker/core/client";

const URL_OF_CHAT = Deno.env.get("PLUG_URL") ?? "ws://127.0.0.1:8282";

/** How often each says something, and how long they chat between two kills. */
const [TALK, LULL] = [50, 1_000];

/** Longest that they may take to go on, in milliseconds. */
const PATIENCE = 20_000;

/** One of the two: says 1, 2, 3, … and hears the other do so. */
class Person {
  readonly name: string;
  readonly #client: Client;
  readonly #room = `plug ${Deno.pid}`;
  #said = 0;
  #heard: number[] = [];
  #times: number[] = [];
  #away: number | undefined;
  /** For how long it had no connection, each time, in milliseconds. */
  absences: number[] = [];

  constructor(name: string) {
    this.name = name;
    this.#client = connect(URL_OF_CHAT, { resend: true });
    this.#client.on("message", (text) => this.#hear(JSON.parse(String(text))));
    this.#client.on("fresh", () => this.#enter());
    this.#client.on("state", (state) => {
      if (state === "away") this.#away ??= performance.now();
      else if (state === "open" && this.#away !== undefined) {
        this.absences.push(performance.now() - this.#away);
        this.#away = undefined;
      }
    });
    this.#enter();
  }

  /** The last number of the other one that it heard. */
  get last(): number {
    return this.#heard.at(-1) ?? 0;
  }

  get said(): number {
    return this.#said;
  }

  /** Says the next number. */
  talk(): void {
    const text = String(++this.#said);
    this.#send({ type: "say", key: `${this.name}-${text}`, text });
  }

  /** Forgets what was heard so far, but for the last of it. */
  begin(): void {
    this.#heard = this.#heard.slice(-1);
    this.#times = this.#times.slice(-1);
    this.absences = [];
  }

  /** What it heard since `begin`: how many are missing, came again, and how they lag. */
  get account(): { missing: number; again: number; pause: number } {
    const different = new Set(this.#heard);
    const first = this.#heard[0] ?? 0;
    const missing = Math.max(...different) - first + 1 - different.size;
    const pauses = this.#times.slice(1)
      .map((time, index) => time - (this.#times[index] ?? time));
    const again = this.#heard.length - different.size;
    return { missing, again, pause: Math.max(0, ...pauses) };
  }

  close(): void {
    this.#client.close();
  }

  #enter(): void {
    this.#send({ type: "enter", name: this.name, room: this.#room });
  }

  #send(message: object): void {
    // What became of it is counted by the other one.
    this.#client.send(JSON.stringify(message)).catch(() => {});
  }

  #hear(message: { type: string; name: string; text: string }): void {
    if (message.type !== "say" || message.name === this.name) return;
    this.#heard.push(Number(message.text));
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
  const stayed = gone.length === 0
    ? "stayed connected"
    : `lost the connection, and was back after ${gone.join(" and ")}`;
  console.log(
    `${name} ${stayed}; of what the other said ${missing} are missing, ${again} came twice, longest pause ${
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
