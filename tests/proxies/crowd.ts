import { messageOf } from "../../lib/base/errors.ts";
import { Client } from "./client.ts";
import type { Site } from "./site.ts";

/** Clients that stay. */
const RESIDENTS = 30;

/** Clients that come, say something, and go, again and again; so many at a time. */
const COMERS = 6;

/** Messages of a client before it is looked at, and again after something happened. */
const MESSAGES = 20;

/** What became of a crowd. */
export interface CrowdStory {
  /** Residents. */
  readonly residents: number;
  /** How the connections of residents ended that did not leave. */
  readonly lost: readonly string[];
  /** How comers were turned away or cut off. */
  readonly refused: readonly string[];
  /** Visits of comers that went well. */
  readonly visits: number;
}

/** Clients that talk all the time. */
export class Crowd implements AsyncDisposable {
  readonly #site: Site;
  readonly #lost: string[] = [];
  readonly #refused: string[] = [];
  readonly #running: Promise<void>[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #said: number[] = [];
  #visits = 0;
  #stopped = false;

  constructor(site: Site) {
    this.#site = site;
    for (let i = 0; i < RESIDENTS; i++) this.#running.push(this.#reside(i));
    for (let i = 0; i < COMERS; i++) this.#running.push(this.#visit());
  }

  /** Waits until every resident has said something, or is lost, and comers came. */
  async progress(): Promise<void> {
    const said = [...this.#said];
    const visits = this.#visits + this.#refused.length + 3 * COMERS;
    const isEnough = () =>
      this.#visits + this.#refused.length >= visits &&
      Array.from({ length: RESIDENTS }).every((_, i) =>
        (this.#said[i] ?? 0) >= (said[i] ?? 0) + MESSAGES
      );
    while (!isEnough()) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Lets everybody leave; resolves with what they saw. */
  async end(): Promise<CrowdStory> {
    this.#stopped = true;
    await Promise.all(this.#running);
    return {
      residents: RESIDENTS,
      lost: this.#lost,
      refused: this.#refused,
      visits: this.#visits,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #reside(index: number): Promise<void> {
    try {
      using client = await Client.connect(this.#site);
      await client.hear();
      for (let i = 0; !this.#stopped; i++) {
        client.send(`${index}/${i}`);
        const heard = await client.hear();
        if (heard !== `${index}/${i}`) throw new Error("a message was lost");
        this.#say(index, i + 1);
      }
      await client.leave();
    } catch (error) {
      this.#lost.push(briefly(error));
    }
    this.#say(index, Infinity);
  }

  async #visit(): Promise<void> {
    while (!this.#stopped) {
      try {
        using client = await Client.connect(this.#site);
        await client.hear();
        client.send("hello");
        await client.hear();
        await client.leave();
        this.#visits++;
      } catch (error) {
        this.#refused.push(briefly(error));
      }
      this.#wake();
    }
  }

  #say(index: number, count: number): void {
    this.#said[index] = count;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

function briefly(error: unknown): string {
  const message = messageOf(error);
  return /(?<=closed with )\d+/.exec(message)?.[0] ?? message;
}
