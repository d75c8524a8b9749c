import { CallError } from "../../lib/client/mod.ts";
import { Client } from "../../lib/client/client.ts";
import { environmentOf } from "../../lib/client/surroundings.ts";
import { LinkProxy } from "../_support/link_proxy.ts";
import type { Sabotage } from "./link_frames.ts";
import type { Random } from "./random.ts";
import { BOUND } from "./return_handler.ts";
import { SentMessages, SessionClaims } from "./return_claims.ts";

/** Streams of numbered messages to each client: to its uid, and to a group. */
const STREAMS = 2;

/** Most milliseconds for a request. */
const REQUEST_TIMEOUT = 10_000;

/** What happened in a run, in numbers. */
export const COUNTS = {
  cuts: "cables cut",
  frozen: "cables that fell silent",
  slow: "cables that became slow",
  returns: "returns to the same session",
  fresh: "new sessions",
  missed: "messages told to be missing",
  heard: "messages heard",
  sent: "messages sent",
  claimed: "messages told to be handled",
  returned: "messages handed back",
  answered: "requests answered",
  failed: "requests that failed with a reason",
  stolen: "sessions stolen",
  refused: "old and made-up tokens that got nothing",
  moves: "of the returns, to another gateway",
  bound: "sessions that were told where messages begin",
  lost: "of the new sessions, since the gateway was lost",
  killed: "gateways killed",
  drained: "gateways drained",
  stood: "gateways that stood still",
  parted: "claims cut off",
};

/** Counts by what happened. */
export type Counts = Record<keyof typeof COUNTS, number>;

/** Lets the token be seen. */
class SeenClient extends Client {
  get token(): string {
    return this.conversation.session.token;
  }
}

/** A client of the library on a cable that fails, which notes whatever it is told. */
export class ReturnClient implements Disposable {
  readonly #counts: Counts;
  readonly #saboteur: { sabotage: Sabotage; after: number } | undefined;
  readonly #client: SeenClient;
  #claims = new SessionClaims(STREAMS);
  #next = 0;
  #heard = 0;
  #open = 0;
  #held: string | undefined;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  /** The cable. */
  readonly cable: LinkProxy;
  /** What it sent, by sessions. */
  readonly sessions = [new SentMessages()];
  /** Tokens that it had of this session: one before may wait for its client still. */
  readonly tokens: string[] = [];
  /** What is wrong, in words. */
  readonly wrong: string[] = [];
  /** Whether somebody else has its session. */
  isStolen = false;

  /**
   * @param name Its uid.
   * @param gateway Where the gateway listens, `host:port`, looked up at each connect.
   * @param counts Where it counts.
   * @param saboteur What to spoil of what it is told, and after how many messages.
   */
  constructor(
    readonly name: string,
    gateway: string | (() => string),
    counts: Counts,
    saboteur?: { sabotage: Sabotage; after: number },
  ) {
    this.#counts = counts;
    this.#saboteur = saboteur;
    this.cable = new LinkProxy(gateway, true);
    const url = new URL(`ws://${this.cable.address}/?name=${name}`);
    const client = new SeenClient(url, {}, environmentOf({}));
    this.#client = client;
    client.on("message", (message) => this.#hear(`${message}`));
    client.on("gap", ({ missed }) => this.#miss(missed));
    client.on("back", ({ missed }) => {
      counts.returns++;
      this.#miss(missed);
    });
    client.on("fresh", ({ reason, returned }) => {
      counts.fresh++;
      if (reason === "lost") counts.lost++;
      counts.returned += returned.length;
      if (reason === "conflict") this.wrong.push("the counts disagree");
      this.#endSession(false);
      this.tokens.length = 0;
      this.#claims = new SessionClaims(STREAMS);
      this.sessions.push(new SentMessages());
    });
    client.on("state", (state) => {
      if (state === "open") this.tokens.push(client.token);
    });
    client.on("error", (error) => this.wrong.push(`error: ${error}`));
    client.on("closed", ({ code }) => {
      if (this.isStolen && code === 4009) return;
      this.wrong.push(`closed with ${code}`);
    });
  }

  /** The token that shows that the session is its own. */
  get token(): string {
    return this.#client.token;
  }

  /** Whether it says nothing any more. */
  get isOver(): boolean {
    return this.isStolen || this.#client.state === "closed";
  }

  /** Whether it has a socket, and nothing that it sent or asked is open. */
  get isSettled(): boolean {
    const { state, bufferedAmount } = this.#client;
    // Or it was away meanwhile, and has begun anew.
    if (this.isStolen && state === "closed") return true;
    return state === "open" && bufferedAmount === 0 && this.#open === 0;
  }

  /** What it stands at, for who waits in vain. */
  get standing(): string {
    const { state, bufferedAmount } = this.#client;
    return `${state}, ${bufferedAmount} unhandled, ${this.#open} asked`;
  }

  /** Sends the next message. */
  send(): void {
    const { sent, claimed } = this.sessions.at(-1) as SentMessages;
    const number = ++this.#next;
    sent.push(number);
    this.#counts.sent++;
    this.#client.send(`${number} ${"x".repeat(number % 200)}`).then(() => {
      claimed.add(number);
      this.#counts.claimed++;
    }, (error) => this.#expect(error, ["lost", "closed"]));
  }

  /** Asks something. */
  ask(): void {
    const question = `${this.name}?${++this.#next}`;
    this.#open++;
    this.#client.request("echo", question, { timeout: REQUEST_TIMEOUT }).then(
      (answer) => {
        this.#counts.answered++;
        if (answer !== question) this.wrong.push(`${question}: ${answer}`);
      },
      (error) => {
        this.#counts.failed++;
        this.#claims.onAnswerMissed();
        this.#expect(error, ["lost", "gap", "timeout", "closed"]);
      },
    ).finally(() => this.#open--);
  }

  /** Does something to its cable. */
  fail(random: Random): void {
    const dice = random.next();
    if (dice < 0.55) {
      this.#counts.cuts++;
      this.cable.cut();
      // Again, so that a welcome may get lost.
      if (dice < 0.2) this.#later(() => this.cable.cut(), dice * 2_000);
    } else if (dice < 0.8) {
      this.#counts.frozen++;
      this.cable.freeze();
      this.#later(() => this.cable.thaw(), random.between(100, 1_500));
    } else {
      this.#counts.slow++;
      this.cable.delay = random.between(1, 120);
    }
  }

  /** Its cable is fine from now on. */
  mend(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.cable.delay = 0;
    this.cable.thaw();
  }

  /** The run is over, and all that was sent to it has been heard. */
  end(): void {
    this.#endSession(!this.isStolen);
  }

  [Symbol.dispose](): void {
    this.#client.close();
    this.cable[Symbol.dispose]();
  }

  #later(what: () => void, ms: number): void {
    this.#timers.add(setTimeout(what, ms));
  }

  #endSession(isWhole: boolean): void {
    this.#claims.end(isWhole);
    this.wrong.push(...this.#claims.wrong);
  }

  #miss(count: number): void {
    this.#counts.missed += count;
    this.#claims.onMissed(count);
  }

  #hear(text: string): void {
    if (text === BOUND) {
      if (!this.#claims.isBound) this.#counts.bound++;
      return this.#claims.onBound();
    }
    this.#counts.heard++;
    const { sabotage, after } = this.#saboteur ?? { after: -1 };
    const isIts = ++this.#heard === after;
    if (isIts && sabotage === "drop") return;
    if (isIts && sabotage === "swap") {
      this.#held = text;
      return;
    }
    this.#claims.onMessage(text);
    if (isIts && sabotage === "duplicate") this.#claims.onMessage(text);
    if (this.#held?.[0] === text[0] && this.#held !== undefined) {
      this.#claims.onMessage(this.#held);
      this.#held = undefined;
    }
  }

  #expect(error: unknown, codes: readonly string[]): void {
    if (error instanceof CallError && codes.includes(error.code)) return;
    this.wrong.push(`failed with ${error}`);
  }
}
