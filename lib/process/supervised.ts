import { endsWithin } from "../base/pause.ts";
import {
  decodeIntroduction,
  decodeOrder,
  encodeReport,
  MAX_ORDER,
  type Order,
  type Report,
} from "./channel.ts";
import { linesOf } from "./lines.ts";
import { type SyncWriter, writeAll } from "./write_all.ts";

/** How long a child waits for its supervisor's first line, in milliseconds. */
const TOKEN_TIMEOUT = 10_000;

/** Where a child finds its supervisor. */
export interface SupervisedOptions {
  /**
   * Orders, a line each.
   *
   * @default {Deno.stdin.readable}
   */
  input?: ReadableStream<Uint8Array>;
  /**
   * Takes the reports.
   *
   * @default {Deno.stdout}
   */
  output?: SyncWriter;
}

/** Nobody supervises this process, or somebody that speaks another way. */
export class SupervisedError extends Error {
  override readonly name = "SupervisedError";
}

/** A child's end of the channel to its supervisor. */
export class Supervised implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #lines: AsyncGenerator<string, void>;
  readonly #output: SyncWriter;
  #token = "";

  /** Whether the supervisor will say when to begin. */
  waits = false;

  private constructor({ input, output }: SupervisedOptions) {
    this.#reader = (input ?? Deno.stdin.readable).getReader();
    this.#lines = linesOf(this.#reader, MAX_ORDER);
    this.#output = output ?? Deno.stdout;
  }

  /**
   * Finds the supervisor. If it is gone already, there are no orders.
   *
   * @throws {SupervisedError} If it does not say what its child's reports begin with.
   */
  static async open(options: SupervisedOptions = {}): Promise<Supervised> {
    const supervised = new Supervised(options);
    try {
      await supervised.#readIntroduction();
      return supervised;
    } catch (error) {
      await supervised[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Tells the supervisor.
   *
   * @throws {RangeError} If that is too long.
   */
  report(report: Report): void {
    writeAll(this.#output, encodeReport(report, this.#token));
  }

  /** Answers a ping. */
  pong(id: number): void {
    this.report({ report: "answer", id, answer: true });
  }

  /** Yields what the supervisor wants; ends when the supervisor is gone. */
  async *orders(): AsyncGenerator<Order, void> {
    for await (const line of this.#lines) {
      const order = decodeOrder(line);
      if (order !== undefined) yield order;
    }
  }

  /** Stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }

  async #readIntroduction(): Promise<void> {
    const line = this.#lines.next();
    const isThere = await endsWithin(line, TOKEN_TIMEOUT);
    const { done, value } = isThere ? await line : { done: false, value: "" };
    if (done) return;
    const introduction = decodeIntroduction(value ?? "");
    if (introduction === undefined) {
      throw new SupervisedError(
        "Cannot report to the supervisor as it has not said how: if it is of another version, start it anew",
      );
    }
    this.#token = introduction.token;
    this.waits = introduction.waits;
  }
}
