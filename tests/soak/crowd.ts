import { messageOf } from "../../lib/base/errors.ts";
import { SoakClient } from "./soak_client.ts";

/** Names that clients take turns to have. A gateway remembers who is not there, too. */
const NAMES = 200;

/** Milliseconds of rest between two things that a client does, at most. */
const MAX_REST = 20;

/** Things that one visitor does. */
const DEEDS = 10;

/** Most problems that are kept in words. */
const MAX_PROBLEMS = 20;

/** When a round is over: after so long, or after so many have come. */
export type Round = { readonly milliseconds: number } | {
  readonly visits: number;
};

/** What a crowd has done. */
export interface CrowdTally {
  /** Clients that came and went. */
  visits: number;
  /** Questions that were answered. */
  answers: number;
  /** Messages that others caused. */
  pushes: number;
  /** What went wrong, in words. */
  readonly problems: string[];
}

/** Clients that come, do what an application asks of a cluster, and go. */
export class Crowd {
  readonly #addresses: readonly string[];
  #serial = 0;
  #isOver = false;
  /** Visitors that are still to come in this round. */
  #left = Infinity;
  /** What it has done so far. */
  readonly tally: CrowdTally = {
    visits: 0,
    answers: 0,
    pushes: 0,
    problems: [],
  };

  /** @param addresses Where to connect, `host:port`, in turns. */
  constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
  }

  /** Lets so many visitors at a time come and go for a round; all have left then. */
  async visit(clients: number, round: Round): Promise<void> {
    this.#isOver = false;
    this.#left = "visits" in round ? round.visits : Infinity;
    const timer = "visits" in round
      ? undefined
      : setTimeout(() => this.#isOver = true, round.milliseconds);
    await Promise.all(Array.from({ length: clients }, () => this.#visits()));
    clearTimeout(timer);
  }

  async #visits(): Promise<void> {
    while (!this.#isOver && this.#left > 0) {
      this.#left--;
      const serial = this.#serial++;
      try {
        await this.#visitOnce(serial);
        this.tally.visits++;
      } catch (error) {
        if (this.tally.problems.length >= MAX_PROBLEMS) return;
        this.tally.problems.push(`visitor ${serial}: ${messageOf(error)}`);
        await rest();
      }
    }
  }

  async #visitOnce(serial: number): Promise<void> {
    const address = this.#addresses[serial % this.#addresses.length] ?? "";
    const client = await SoakClient.connect(address);
    try {
      await this.#stay(client, serial);
    } finally {
      this.tally.pushes += client.pushed;
      await client.leave(serial % 3 === 0 ? "at once" : "properly");
    }
  }

  async #stay(client: SoakClient, serial: number): Promise<void> {
    const name = `n${serial % NAMES}`;
    await this.#expect(client, `hi ${name}`, "=hi");
    let said = 0;
    for (let deed = 0; deed < DEEDS && !this.#isOver; deed++) {
      await rest();
      switch ((serial + deed) % 8) {
        case 0:
          await this.#expect(client, `room ${name}`, "=room");
          break;
        case 1:
          await this.#expect(client, `uid n${(serial * 7) % NAMES}`, "=uid");
          break;
        case 2:
          if (serial % 10 === 0) await this.#expect(client, "all", "=all");
          break;
        case 3:
          await this.#expect(client, `leave ${name}`, "=leave");
          break;
        default:
          await this.#expect(client, "say", `=${++said}`);
      }
    }
  }

  async #expect(
    client: SoakClient,
    question: string,
    expected: string,
  ): Promise<void> {
    const answer = await client.ask(question);
    this.tally.answers++;
    if (answer === expected) return;
    this.tally.problems.push(
      `"${question}" was answered "${answer}", not "${expected}"`,
    );
  }
}

function rest(): Promise<void> {
  const duration = Math.random() * MAX_REST;
  return new Promise((resolve) => setTimeout(resolve, duration));
}
