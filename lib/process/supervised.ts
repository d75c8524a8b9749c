import {
  decodeOrder,
  encodeReport,
  type Order,
  type Report,
} from "./channel.ts";
import { type SyncWriter, writeAll } from "./write_all.ts";

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

/** A child's end of the channel to its supervisor. */
export class Supervised implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #output: SyncWriter;

  constructor(options: SupervisedOptions = {}) {
    const { input = Deno.stdin.readable, output = Deno.stdout } = options;
    this.#reader = input.getReader();
    this.#output = output;
  }

  /** Tells the supervisor. */
  report(report: Report): void {
    writeAll(this.#output, encodeReport(report));
  }

  /** Yields what the supervisor wants; ends when the supervisor is gone. */
  async *orders(): AsyncGenerator<Order, void> {
    const decoder = new TextDecoder();
    let held = "";
    for (
      let part = await this.#reader.read();
      !part.done;
      part = await this.#reader.read()
    ) {
      const lines = (held + decoder.decode(part.value, { stream: true })).split(
        "\n",
      );
      held = lines.pop() ?? "";
      for (const line of lines) {
        const order = decodeOrder(line);
        if (order !== undefined) yield order;
      }
    }
  }

  /** Stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}
