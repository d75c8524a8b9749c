import type { Host } from "./network.ts";

/** Longest wait for a line, in milliseconds. */
const PATIENCE = 60_000;

/** Longest wait for a process to leave after it was told to, in milliseconds. */
const GRACE = 50_000;

/** A line that a process printed, and when. */
export interface PrintedLine {
  /** The line. */
  readonly text: string;
  /** When it came, `performance.now()`. */
  readonly at: number;
}

/** How to run a {@linkcode HostProcess}. */
export interface HostProcessOptions {
  /** Where it runs. */
  readonly host: Host;
  /** Its name, and that of its log. */
  readonly name: string;
  /** Arguments of `deno`. */
  readonly args: readonly string[];
  /** Variables on top of ours. */
  readonly env: Record<string, string>;
  /** Folder of the log. */
  readonly folder: string;
}

/** A process on a host. All that it prints is kept, and written to a log. */
export class HostProcess {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #log: Deno.FsFile;
  readonly #waiting = new Set<() => void>();
  readonly #read: Promise<unknown>;
  #isOver = false;
  /** Its name. */
  readonly name: string;
  /** What it has printed. */
  readonly lines: PrintedLine[] = [];

  /** Starts it. */
  constructor({ host, name, args, env, folder }: HostProcessOptions) {
    this.name = name;
    this.#log = Deno.openSync(`${folder}/${name}.log`, {
      create: true,
      append: true,
    });
    this.#process = new Deno.Command("ip", {
      args: ["netns", "exec", host.namespace, Deno.execPath(), ...args],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#read = Promise.all([
      this.#readLines(this.#process.stdout),
      this.#readLines(this.#process.stderr),
    ]).finally(() => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** Resolves when it has ended. */
  get ended(): Promise<unknown> {
    return this.#read;
  }

  /** Sends it a line. */
  async say(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /**
   * Waits until so many lines match.
   *
   * @param from Lines before this number do not count.
   * @returns Those lines; fewer if the time is over or the process has ended.
   */
  async hear(
    pattern: RegExp,
    count = 1,
    { from = 0, timeout = PATIENCE }: { from?: number; timeout?: number } = {},
  ): Promise<PrintedLine[]> {
    const deadline = performance.now() + timeout;
    while (true) {
      const found = this.lines.slice(from)
        .filter(({ text }) => pattern.test(text));
      const left = deadline - performance.now();
      if (found.length >= count || this.#isOver || left <= 0) return found;
      await this.#nextLine(left);
    }
  }

  /** Process ids that it has named in lines that match, newest of each place last. */
  pids(pattern: RegExp): number[] {
    return this.lines.filter(({ text }) => pattern.test(text))
      .map(({ text }) => Number(/\(pid (\d+)\)/.exec(text)?.[1] ?? 0));
  }

  /** Sends a signal. */
  signal(signal: Deno.Signal): void {
    try {
      this.#process.kill(signal);
    } catch {
      // It ended by itself.
    }
  }

  /** Tells it to leave, and returns its exit code; ends it if it does not leave. */
  async stop(): Promise<number> {
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), GRACE);
    const { code } = await this.#process.status;
    clearTimeout(timer);
    await this.#read;
    await this.#input.close().catch(() => {});
    this.#log.close();
    return code;
  }

  async #nextLine(timeout: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeout);
    this.#waiting.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }

  async #readLines(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let held = "";
    for await (const chunk of stream) {
      this.#log.writeSync(chunk);
      const parts = (held + decoder.decode(chunk, { stream: true }))
        .split("\n");
      held = parts.pop() ?? "";
      const at = performance.now();
      this.lines.push(...parts.map((text) => ({ text, at })));
      this.#wake();
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
