import { LinkClosedError, PartialResultError } from "../base/errors.ts";
import { endsWithin } from "../base/pause.ts";
import type { PushAnswer } from "../nats/push_message.ts";
import { shardOf } from "../nats/subjects.ts";

/** The answers of cells to one call: complete when all have answered that any of them knows. */
export class PushAnswers {
  readonly #call: string;
  readonly #names: readonly string[];
  /** Shards that have answered, by cell; none for one that another cell knows. */
  readonly #heard = new Map<string, Set<number>>();
  readonly #silent = new Set<string>();
  readonly #done = Promise.withResolvers<void>();
  #reached = 0;
  #shards = 1;
  #isDeserted = false;

  /**
   * @param call Name of the call, for errors.
   * @param names Uids and groups that it concerns; none for everybody.
   */
  constructor(call: string, names: readonly string[]) {
    this.#call = call;
    this.#names = names;
  }

  /** Takes one answer. */
  take({ cell, cells, shard, shards, reached, silent }: PushAnswer): void {
    for (const each of [cell, ...cells]) {
      if (!this.#heard.has(each)) this.#heard.set(each, new Set());
    }
    const heard = this.#heard.get(cell);
    if (heard === undefined || heard.has(shard)) return;
    heard.add(shard);
    this.#shards = shards;
    this.#reached += reached;
    // Of other cells it is their own answer that counts.
    for (const each of silent) {
      if (!cells.includes(each)) this.#silent.add(each);
    }
    if (this.#missing().length === 0) this.#done.resolve();
  }

  /** Nobody was there to hear of it. */
  nobodyListens(): void {
    if (this.#heard.size > 0) return;
    this.#isDeserted = true;
    this.#done.resolve();
  }

  /** Nobody waits any longer. */
  end(): void {
    this.#done.resolve();
  }

  /**
   * Waits for all of them.
   *
   * @returns How many clients were reached.
   * @throws {PartialResultError} If a cell, or a gateway of one, did not answer.
   * @throws {LinkClosedError} If no cell did.
   */
  async within(timeout: number): Promise<number> {
    await endsWithin(this.#done.promise, timeout);
    if (this.#heard.size === 0) {
      throw new LinkClosedError(
        this.#isDeserted
          ? `Cannot complete ${this.#call}: no bridge listens`
          : `Cannot complete ${this.#call}: no cell answered within ${timeout} ms`,
      );
    }
    const silent = [
      ...this.#missing().map((cell) => `cell ${cell}`),
      ...this.#silent,
    ];
    if (silent.length === 0) return this.#reached;
    throw new PartialResultError(
      this.#call,
      this.#reached,
      silent,
      new LinkClosedError(`no answer within ${timeout} ms`),
    );
  }

  #missing(): string[] {
    const concerned = this.#names.length === 0
      ? new Set([0])
      : new Set(this.#names.map((name) => shardOf(name, this.#shards)));
    return [...this.#heard].filter(([, heard]) => !concerned.isSubsetOf(heard))
      .map(([cell]) => cell);
  }
}
