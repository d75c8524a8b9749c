import { pause } from "../../base/pause.ts";
import {
  readUsageNews,
  type UsageNews,
  type UsageRound,
} from "../../gateway/clients/usage.ts";
import type { Supervisor } from "../../process/supervisor.ts";
import { GATEWAYS } from "./groups.ts";

/** How often gateways tell each other what is used, in milliseconds. */
const PERIOD = 250;

/** Most milliseconds that a gateway may take to answer. */
const TIMEOUT = 1_000;

/** Most characters of one round: an order has at most 1 MiB, and each three bytes. */
const BUDGET = 300_000;

const NO_NEWS: UsageNews = {
  isAnew: false,
  counts: {},
  spent: {},
};

/**
 * Has the gateways of a supervisor know of each other what their uids and addresses use:
 * asks all of them for news, four times a second, and tells all of them what each said.
 * Nothing is kept here: whoever is new, or was not heard, has all tell everything anew.
 */
export class UsageSharing implements AsyncDisposable {
  readonly #supervisor: Pick<Supervisor, "ask">;
  readonly #over = new AbortController();
  readonly #running: Promise<void>;

  /** @param supervisor Has the gateways. */
  constructor(supervisor: Pick<Supervisor, "ask">) {
    this.#supervisor = supervisor;
    this.#running = this.#run();
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Before it is known how many share it, nobody may say anything.
    let round: UsageRound = { peers: {}, whole: true, budget: 0 };
    while (!this.#over.signal.aborted) {
      round = await this.#ask(round);
      await pause(PERIOD, this.#over.signal);
    }
  }

  /** Tells all of them what was said, and returns what they say next. */
  async #ask(round: UsageRound): Promise<UsageRound> {
    const question = { about: "usage", round };
    const states = await this.#supervisor.ask(question, TIMEOUT, GATEWAYS);
    const peers: Record<string, UsageNews> = {};
    let whole = false;
    for (const { pid, answer } of states) {
      if (pid === undefined) continue;
      const news = readUsageNews(answer);
      if (news === undefined || !(pid in round.peers)) whole = true;
      peers[pid] = news ?? NO_NEWS;
    }
    const budget = Math.floor(BUDGET / Math.max(states.length, 1));
    return { peers, whole, budget };
  }
}
