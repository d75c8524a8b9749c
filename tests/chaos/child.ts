import { TextLineStream } from "./text_lines.ts";

/** Longest wait for a process to be ready, in milliseconds. */
const READY_TIMEOUT = 30_000;

/** Longest wait for an answer, in milliseconds: a process that was just asked may be frozen. */
const ANSWER_TIMEOUT = 60_000;

/** How to start a {@linkcode Child}. */
export interface ChildOptions {
  /** Its name; also that of the file that its log goes to. */
  readonly name: string;
  /** Arguments of `deno`. */
  readonly args: readonly string[];
  /** Variables on top of ours. */
  readonly env?: Record<string, string>;
  /** Folder of the log. */
  readonly folder: string;
}

/** One process of the cluster under test. Its first line says that it is ready. */
export class Child {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #log: Promise<void>;
  #turn: Promise<unknown> = Promise.resolve();
  #isOver = false;
  /** Its name. */
  readonly name: string;
  /** Resolves with how it ended. */
  readonly status: Promise<Deno.CommandStatus>;
  /** Whether it was told to stop, or killed. */
  isDoomed = false;

  private constructor({ name, args, env = {}, folder }: ChildOptions) {
    this.name = name;
    this.#process = new Deno.Command(Deno.execPath(), {
      args: [...args],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#lines = this.#process.stdout
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream()).getReader();
    this.#log = this.#writeLog(`${folder}/${name}-${this.pid}.log`);
    this.status = this.#process.status.then((status) => {
      this.#isOver = true;
      return status;
    });
  }

  /**
   * Starts a process.
   *
   * @returns The process, when it is ready.
   * @throws {Deno.errors.TimedOut} If it is not ready in time.
   * @throws {Deno.errors.UnexpectedEof} If it ends before.
   */
  static async start(options: ChildOptions): Promise<Child> {
    const child = new Child(options);
    try {
      await child.#nextLine(READY_TIMEOUT);
      return child;
    } catch (error) {
      await child.end("SIGKILL");
      throw error;
    }
  }

  /** Its process id. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it is a process still. */
  get isRunning(): boolean {
    return !this.#isOver;
  }

  /** Sends a signal; does nothing if it is over. */
  signal(signal: Deno.Signal): void {
    try {
      this.#process.kill(signal);
    } catch (error) {
      // It ended before we knew.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Sends a signal that ends it, and resolves when it has ended. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<Deno.CommandStatus> {
    this.isDoomed = true;
    this.signal(signal);
    return await this.finished();
  }

  /** Resolves when it has ended and everything of it is closed. */
  async finished(): Promise<Deno.CommandStatus> {
    const status = await this.status;
    await this.#log;
    await this.#turn.catch(() => {});
    await this.#lines.cancel().catch(() => {});
    await this.#input.close().catch(() => {});
    return status;
  }

  /** Asks it a question, a line, and returns the answer, a line. */
  async ask(): Promise<string> {
    const answer = this.#turn.catch(() => {}).then(async () => {
      await this.#input.write(new Uint8Array([0x0a]));
      return await this.#nextLine(ANSWER_TIMEOUT);
    });
    this.#turn = answer;
    return await answer;
  }

  /** Returns its last words, after it was told to stop. */
  async lastLine(): Promise<string> {
    await this.#turn.catch(() => {});
    return await this.#nextLine(ANSWER_TIMEOUT);
  }

  async #nextLine(timeout: number): Promise<string> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(
        new Deno.errors.TimedOut(
          `Cannot hear ${this.name}: silent for ${timeout} ms`,
        ),
      );
    }, timeout);
    try {
      const { value } = await Promise.race([this.#lines.read(), late.promise]);
      if (value !== undefined) return value;
    } finally {
      clearTimeout(timer);
    }
    throw new Deno.errors.UnexpectedEof(
      `Cannot hear ${this.name}: it has ended`,
    );
  }

  async #writeLog(path: string): Promise<void> {
    const file = await Deno.open(path, { create: true, append: true });
    await this.#process.stderr.pipeTo(file.writable);
  }
}
