import { eventually } from "../_support/eventually.ts";
import { wrongDeliveries } from "../chaos/return_claims.ts";
import { COUNTS, type Counts, ReturnClient } from "../chaos/return_client.ts";
import { EVERYBODY, type Told } from "../chaos/return_handler.ts";
import { GatewayClient } from "../../mod.ts";

/** How many there are. */
const TRAVELLERS = 16;

/** Milliseconds between two things that each says. */
const PACE = 20;

/** Of so many things that one says, one is a question. */
const ASK_EVERY = 8;

/** How many each must hear for a change of the cluster to count as survived. */
const ENOUGH = 10;

/** Where clients may connect, as a balancer knows it: nobody new goes to who leaves. */
export class Entrances {
  readonly #open: string[] = [];
  #next = 0;

  /** Lets clients go there. */
  open(address: string): void {
    this.#open.push(address);
  }

  /** Sends nobody there any more. */
  close(address: string): void {
    this.#open.splice(this.#open.indexOf(address), 1);
  }

  /** The next one in turn. */
  pick(): string {
    return this.#open[this.#next++ % this.#open.length] ?? "";
  }
}

/** One client of the library, and where it is. */
interface Traveller {
  readonly client: ReturnClient;
  readonly counts: Counts;
  /** Where it last connected to. */
  at: string;
}

/** How often a client came back, and how. */
export interface Stay {
  /** Where it is, or tries to be. */
  readonly at: string;
  /** Returns to the session that it had. */
  readonly returns: number;
  /** Sessions that began anew. */
  readonly fresh: number;
}

function noCounts(): Counts {
  const zeros = Object.keys(COUNTS).map((name) => [name, 0]);
  // Each name of COUNTS, and nothing else.
  return Object.fromEntries(zeros) as Counts;
}

/**
 * Clients of the library that say, ask and are told numbered messages all the time, and
 * compare what they are told with what was so.
 */
export class Travellers implements AsyncDisposable {
  readonly #travellers: Traveller[];
  readonly #pusher: GatewayClient;
  readonly #timer: ReturnType<typeof setInterval>;
  #round = 0;
  #pushed = 0;

  private constructor(entrances: Entrances, pusher: GatewayClient) {
    this.#pusher = pusher;
    this.#travellers = Array.from({ length: TRAVELLERS }, (_, i) => {
      const counts = noCounts();
      const traveller: { at: string; counts: Counts } = { at: "", counts };
      const address = () => traveller.at = entrances.pick();
      const client = new ReturnClient(`c${i}`, address, counts);
      return Object.assign(traveller, { client });
    });
    this.#timer = setInterval(() => this.#step(), PACE);
  }

  /**
   * Connects them; they begin to speak at once.
   *
   * @param entrances Where they may connect.
   * @param cluster Whom pushes go through.
   */
  static async board(
    entrances: Entrances,
    cluster: { register: string; secretKey: string },
  ): Promise<Travellers> {
    const pusher = await GatewayClient.connect(cluster);
    const travellers = new Travellers(entrances, pusher);
    await travellers.travel();
    return travellers;
  }

  /** Where each is, and how often it came back so far. */
  get stays(): readonly Stay[] {
    return this.#travellers.map(({ at, counts: { returns, fresh } }) => ({
      at,
      returns,
      fresh,
    }));
  }

  /** What happened to all of them, in numbers. */
  get counts(): Counts {
    const sums = noCounts();
    for (const { counts } of this.#travellers) {
      // Names of COUNTS.
      const names = Object.keys(sums) as (keyof Counts)[];
      for (const name of names) sums[name] += counts[name];
    }
    return sums;
  }

  /** Waits until each has heard much more, and has been told that it was heard. */
  async travel(): Promise<void> {
    const before = this.#travellers.map(({ counts }) => ({ ...counts }));
    await eventually(
      "every client of the library hears more",
      () =>
        this.#travellers.every(({ counts }, i) =>
          counts.heard >= (before[i]?.heard ?? 0) + ENOUGH &&
          counts.claimed >= (before[i]?.claimed ?? 0) + ENOUGH
        ),
    );
  }

  /** Waits until who was there is elsewhere. */
  async leave(address: string): Promise<void> {
    await eventually(
      `nobody is at ${address}`,
      () => this.#travellers.every(({ at }) => at !== address),
    );
  }

  /**
   * Says no more, waits for what is under way, and compares.
   *
   * @param told What handlers were told, in order.
   * @returns What was claimed and not so, in words.
   */
  async arrive(told: () => Promise<readonly Told[]>): Promise<string[]> {
    clearInterval(this.#timer);
    await eventually(
      "nothing is under way",
      () => this.#travellers.every(({ client }) => client.isSettled),
    );
    await this.#sayLast();
    const all = await told();
    return this.#travellers.flatMap(({ client, counts }) => {
      client.end();
      const its = all.filter(({ name }) => name === client.name);
      const wrong = wrongDeliveries(client.name, client.sessions, its);
      const { sent, claimed, returned } = counts;
      if (sent !== claimed + returned) {
        wrong.push(
          `of ${sent} said, ${claimed} were told to be handled, and ${returned} were handed back`,
        );
      }
      return [...client.wrong, ...wrong].map((what) =>
        `${client.name}: ${what}`
      );
    });
  }

  /** Lets all of them go. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const { client } of this.#travellers) client[Symbol.dispose]();
    await this.#pusher[Symbol.asyncDispose]();
  }

  #step(): void {
    this.#round++;
    for (const { client } of this.#travellers) {
      if (this.#round % ASK_EVERY === 0) client.ask();
      else client.send();
    }
    this.#push();
  }

  /** Each stream goes on by one number. */
  #push(): void {
    const number = ++this.#pushed;
    for (const { client } of this.#travellers) {
      this.#pusher.sendToUid(client.name, `u${number}`);
    }
    this.#pusher.sendToGroup(EVERYBODY, `g${number}`);
  }

  /** Once more, so that a hole at the end shows. */
  async #sayLast(): Promise<void> {
    const heard = this.#travellers.map(({ counts }) => counts.heard);
    this.#push();
    await eventually(
      "everybody hears the last of it",
      () =>
        this.#travellers.every(({ counts }, i) =>
          counts.heard >= (heard[i] ?? 0) + 2
        ),
    );
  }
}
