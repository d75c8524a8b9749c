import { configure, type LogRecord, reset } from "@logtape/logtape";
import { LOG_ROOT } from "../../lib/observe/logger.ts";

/** Collects what the package logs, from warnings up by default, while it is in use. */
export class LogLines implements AsyncDisposable {
  readonly #records: LogRecord[] = [];

  /** Starts to collect. One at a time. */
  static async collect(
    lowestLevel: "info" | "warning" = "warning",
  ): Promise<LogLines> {
    const lines = new LogLines();
    await configure({
      reset: true,
      sinks: { memory: (record) => void lines.#records.push(record) },
      loggers: [
        { category: LOG_ROOT, sinks: ["memory"], lowestLevel },
        { category: ["logtape", "meta"], sinks: [] },
      ],
    });
    return lines;
  }

  /** The lines as an operator sees them. */
  get lines(): string[] {
    return this.#records.map(({ message }) => message.map(String).join(""));
  }

  /** All that was handed to the sink, as text, properties included. */
  get text(): string {
    return JSON.stringify(this.#records);
  }

  /** Stops collecting. */
  async [Symbol.asyncDispose](): Promise<void> {
    await reset();
  }
}
