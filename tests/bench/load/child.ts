/** Longest wait for a child to leave when asked to, in milliseconds. */
const LEAVE_TIME = 5_000;

/** Most characters kept of what a child prints. */
const MAX_TAIL = 2_000;

/** Options for {@linkcode Child}. */
export interface ChildOptions {
  /** Its working directory; the caller's unless given. */
  readonly cwd?: string;
  /** Variables that it gets beside the caller's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A child process that runs until it is disposed. */
export class Child implements AsyncDisposable {
  /** What it is in reports. */
  readonly name: string;
  /** Its process id. */
  readonly pid: number;
  readonly #process: Deno.ChildProcess;
  readonly #printed: Promise<unknown>;
  #tail = "";
  #ended = false;

  /**
   * Starts a process.
   *
   * @throws {Deno.errors.NotFound} If there is no such program.
   */
  constructor(
    name: string,
    command: readonly [string, ...string[]],
    { cwd = ".", env = {} }: ChildOptions = {},
  ) {
    const [program, ...args] = command;
    this.#process = new Deno.Command(program, {
      args,
      cwd,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1", ...env },
    }).spawn();
    this.name = name;
    this.pid = this.#process.pid;
    const { stdout, stderr } = this.#process;
    this.#printed = Promise.all([this.#keep(stdout), this.#keep(stderr)]);
  }

  /** Rejects when the process ends, with what it printed last. */
  async failure(): Promise<never> {
    const { code } = await this.#process.status;
    this.#ended = true;
    await this.#printed;
    throw new Deno.errors.Interrupted(
      `"${this.name}" ended with code ${code}: ${this.#tail.trim()}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#kill("SIGTERM");
    const timer = setTimeout(() => this.#kill("SIGKILL"), LEAVE_TIME);
    await this.#process.status;
    clearTimeout(timer);
    await this.#printed;
  }

  #kill(signal: Deno.Signal): void {
    try {
      this.#process.kill(signal);
    } catch {
      // It has ended meanwhile, as it should.
    }
  }

  async #keep(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (
      const text of stream.pipeThrough(new TextDecoderStream() as TextTransform)
    ) {
      this.#tail = (this.#tail + text).slice(-MAX_TAIL);
    }
  }
}

type TextTransform = ReadableWritablePair<string, Uint8Array>;

/** Finds ports that are free now, all different. */
export function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
