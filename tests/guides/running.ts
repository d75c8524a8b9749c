import { endsWithin } from "../../lib/base/pause.ts";

/** A command that was begun. */
export class Running {
  readonly #process: Deno.ChildProcess;
  /** Resolves with how it ended. */
  readonly ended: Promise<Deno.CommandStatus>;
  readonly #read: Promise<unknown>;
  readonly #seen: string[] = [];
  #wake: () => void = () => {};

  /**
   * Begins it.
   *
   * @param command What is run, as the leader of a group of its own.
   * @param text The command as the page has it.
   */
  constructor(command: Deno.Command, readonly text: string) {
    this.#process = command.spawn();
    this.#read = Promise.all([
      this.#collect(this.#process.stdout),
      this.#collect(this.#process.stderr),
    ]);
    this.ended = this.#process.status;
  }

  /** What it printed. */
  get output(): string {
    return this.#seen.join("");
  }

  /** Resolves when it has printed something that matches. */
  async hasSaid(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Resolves when it is over and all that it printed is there. */
  async code(): Promise<number> {
    const { code } = await this.ended;
    // What it left running may keep its output open.
    await endsWithin(this.#read, 1_000);
    return code;
  }

  /** Sends a signal to it and to all that it started, as a terminal does. */
  signal(signal: "SIGINT" | "SIGKILL"): void {
    try {
      Deno.kill(-this.#process.pid, signal);
    } catch (error) {
      // It ended first.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#seen.push(text);
      this.#wake();
    }
  }
}
