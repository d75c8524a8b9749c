import { LinkClosedError, PartialResultError } from "../base/errors.ts";
import { endsWithin } from "../base/pause.ts";
import type { PushAnswer } from "../nats/push_message.ts";
import { shardOf } from "../nats/subjects.ts";

/** What was answered for one shard of a cell. */
interface ShardAnswer {
  reached: number;
  /** The bridges that did, by their epochs. */
  readonly epochs: Set<number>;
  /** Gateways of the cell that did not answer. */
  silent: Set<string>;
}

/** The answers of cells to one call: complete when all have answered that any of them knows. */
export class PushAnswers {
  readonly #call: string;
  readonly #names: readonly string[];
  /** What shards have answered, by cell; nothing for one that another cell knows. */
  readonly #heard = new Map<string, Map<number, ShardAnswer>>();
  readonly #done = Promise.withResolvers<void>();
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

  /**
   * Takes one answer. Of a shard for which two bridges are active for a moment two may
   * come: each has reached whom the other one did not.
   */
  take(
    { cell, cells, shard, epoch, shards, reached, silent }: PushAnswer,
  ): void {
    for (const each of [cell, ...cells]) {
      if (!this.#heard.has(each)) this.#heard.set(each, new Map());
    }
    // Of other cells it is their own answer that counts.
    const gateways = new Set(silent.filter((each) => !cells.includes(each)));
    const heard = this.#heard.get(cell);
    const before = heard?.get(shard);
    if (before === undefined) {
      const epochs = new Set([epoch]);
      heard?.set(shard, { reached, epochs, silent: gateways });
    } else if (!before.epochs.has(epoch)) {
      before.epochs.add(epoch);
      before.reached += reached;
      before.silent = before.silent.intersection(gateways);
    }
    this.#shards = shards;
    if (this.#missing().length + this.#silent().length === 0) {
      this.#done.resolve();
    }
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
      ...this.#silent(),
    ];
    const reached = this.#answers()
      .reduce((sum, { reached }) => sum + reached, 0);
    if (silent.length === 0) return reached;
    throw new PartialResultError(
      this.#call,
      reached,
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

  #silent(): string[] {
    return this.#answers().flatMap(({ silent }) => [...silent]);
  }

  #answers(): ShardAnswer[] {
    return [...this.#heard.values()].flatMap((each) => [...each.values()]);
  }
}
