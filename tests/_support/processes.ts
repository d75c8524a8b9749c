import { endsWithin } from "../../lib/base/pause.ts";

/** The command line of this checkout. */
export const CLI: string = import.meta.resolve("../../cli.ts");

/** Longest wait for a line or an end, in milliseconds: a busy machine takes its time. */
const PATIENCE = 60_000;

/** How long a graceful stop may take at the end of a test, in milliseconds. */
const GRACE = 5_000;

/** How to run a process of a test. */
export interface TestProcessOptions {
  /** Variables on top of ours. */
  readonly env?: Record<string, string>;
  /** Working directory. */
  readonly cwd?: string;
}

/** Lines that a process has printed, and will. */
class Lines {
  readonly seen: string[] = [];
  readonly #waiting = new Set<() => void>();
  #ended = false;

  /** Reads until the end. */
  async read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let held = "";
    for await (const chunk of stream) {
      const lines = (held + decoder.decode(chunk, { stream: true })).split(
        "\n",
      );
      held = lines.pop() ?? "";
      this.seen.push(...lines);
      this.#wake();
    }
    if (held !== "") this.seen.push(held);
    this.#ended = true;
    this.#wake();
  }

  /** Resolves with the first `count` lines that match, seen or to come. */
  async take(pattern: RegExp, count: number): Promise<string[] | undefined> {
    while (true) {
      const found = this.seen.filter((line) => pattern.test(line));
      if (found.length >= count) return found.slice(0, count);
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** A process of a test; disposing it ends it and everything below it. */
export class TestProcess implements AsyncDisposable {
  /** Resolves with how it ended. */
  readonly status: Promise<Deno.CommandStatus>;
  readonly #process: Deno.ChildProcess;
  readonly #out = new Lines();
  readonly #error = new Lines();
  readonly #read: Promise<unknown>;

  /**
   * Starts it.
   *
   * @param command Program and arguments.
   * @param options How.
   */
  constructor(
    [program, ...args]: readonly [string, ...string[]],
    options: TestProcessOptions = {},
  ) {
    this.#process = new Deno.Command(program, {
      args,
      ...options,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.status = this.#process.status;
    this.#read = Promise.all([
      this.#out.read(this.#process.stdout),
      this.#error.read(this.#process.stderr),
    ]);
  }

  /** Process id. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Lines printed so far. */
  get out(): readonly string[] {
    return this.#out.seen;
  }

  /** Lines of standard error so far. */
  get errors(): readonly string[] {
    return this.#error.seen;
  }

  /** Resolves with the first line printed that matches. */
  async line(pattern: RegExp): Promise<string> {
    const [line = ""] = await this.lines(pattern, 1);
    return line;
  }

  /** Resolves with the first `count` lines printed that match. */
  async lines(pattern: RegExp, count: number): Promise<string[]> {
    return await this.#take(this.#out, pattern, count);
  }

  /** Resolves with the first `count` lines of standard error that match. */
  async errorLines(pattern: RegExp, count: number): Promise<string[]> {
    return await this.#take(this.#error, pattern, count);
  }

  /** Sends a signal. Does nothing if the process has ended. */
  signal(signal: Deno.Signal): void {
    try {
      this.#process.kill(signal);
    } catch (error) {
      // It ended first.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Resolves with its exit code, when all that it printed is there. */
  async code(): Promise<number> {
    if (!await endsWithin(this.#read, PATIENCE)) {
      throw new TestProcessError("Cannot wait any longer for the end", this);
    }
    return (await this.status).code;
  }

  /** Sends a signal again and again until it ends; resolves with its exit code. */
  async insist(signal: Deno.Signal): Promise<number> {
    const deadline = performance.now() + PATIENCE;
    while (!await endsWithin(this.status, 50) && performance.now() < deadline) {
      this.signal(signal);
    }
    return await this.code();
  }

  /** Asks it to stop, then to stop at once, then ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGTERM");
    if (!await endsWithin(this.status, GRACE)) this.signal("SIGTERM");
    if (!await endsWithin(this.status, GRACE)) this.signal("SIGKILL");
    await this.status;
    if (await endsWithin(this.#read, PATIENCE)) return;
    throw new TestProcessError("Cannot wait any longer for its children", this);
  }

  async #take(lines: Lines, pattern: RegExp, count: number): Promise<string[]> {
    const taken = lines.take(pattern, count);
    const found = await endsWithin(taken, PATIENCE) ? await taken : undefined;
    if (found !== undefined) return found;
    throw new TestProcessError(`Cannot find ${count} of ${pattern}`, this);
  }
}

/** A process did not do what the test waited for; shows all that it printed. */
export class TestProcessError extends Error {
  override readonly name = "TestProcessError";

  /**
   * @param message What was waited for.
   * @param process The process.
   */
  constructor(message: string, { out, errors }: TestProcess) {
    super(
      `${message}\n--- out\n${out.join("\n")}\n--- err\n${errors.join("\n")}`,
    );
  }
}

/** Starts the command line of this checkout. */
export function startCli(
  args: readonly string[],
  options?: TestProcessOptions,
): TestProcess {
  return new TestProcess(
    [Deno.execPath(), "run", "-A", CLI, ...args],
    options,
  );
}

/** Whether a process runs. One that ended and that nobody waited for does not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return !/^\d+ \(.*\) Z /s.test(stat);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Resolves when none of the processes runs any more. */
export async function allGone(pids: readonly number[]): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (pids.some(isRunning)) {
    if (performance.now() > deadline) {
      throw new RangeError(`Cannot wait any longer for ${pids} to end`);
    }
    // The system tells only a parent when a process ends: others have to look.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The process id in a ready line. */
export function pidIn(line: string): number {
  return Number(/\(pid (\d+)\)/.exec(line)?.[1]);
}

/**
 * Ports of this test process alone: others that run at the same time have other ones.
 * They are below those that the system gives away, so that no client gets them.
 */
const BLOCK = { first: 20_000 + Deno.pid % 20 * 500, size: 500 };

let turn = Math.floor(Math.random() * BLOCK.size);

/** Returns the first of so many free ports in a row; each call gives other ones. */
export function getAvailablePorts(count: number): number {
  while (true) {
    const first = BLOCK.first + turn % (BLOCK.size - count);
    turn += count;
    if (areFree(first, count)) return first;
  }
}

function areFree(first: number, count: number): boolean {
  using listeners = new DisposableStack();
  try {
    for (let port = first; port < first + count; port++) {
      listeners.use(Deno.listen({ hostname: "127.0.0.1", port }));
    }
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
