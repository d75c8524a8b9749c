import { now } from "../base/clock.ts";
import {
  encodeIntroduction,
  encodeOrder,
  newToken,
  type Order,
  type Report,
} from "./channel.ts";
import { ChildOutput } from "./child_output.ts";
import { endsWithin } from "../base/pause.ts";

/** How to run a child. */
export interface ChildSpec {
  /** What people call it: `gateway 0`. */
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** Variables on top of the supervisor's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** How to run who takes its place while it is still there; as itself if left out. */
  successor?(): ChildSpec;
  /** Sees to the files that the command names, before each start. Must not throw. */
  prepare?(): void;
}

/** What a child says when it does its work. */
export interface Readiness {
  /** Says so to people. */
  readonly line: string;
  /** Where clients connect to it; empty if none do. */
  readonly addresses: readonly string[];
  /**
   * Whether nobody whom it works for has answered it: then it takes nobody's place.
   *
   * @default {false}
   */
  readonly isAlone?: boolean;
}

/** How a child came up. */
export type Started =
  | ({ readonly type: "ready" } & Readiness)
  | { readonly type: "failed"; readonly message: string };

/** What a child's owner wants to hear of it. */
export interface ChildListener {
  /** Takes what the child prints; lines come whole. */
  onOutput(bytes: Uint8Array): void;
  /** Somebody asked the child to stop; it waits for its supervisor's order. */
  onAsked(): void;
}

/**
 * How long the rest of the output of a process that has ended is waited for, in
 * milliseconds: a process that the handler started may hold the pipe open.
 */
const LAST_OUTPUT_TIME = 500;

/** Orders that a child has not read; one that has so many of them is asked nothing. */
const MAX_UNREAD = 16;

const encoder = new TextEncoder();

/** A running process that takes orders and reports. */
export class Child {
  /** Resolves, never rejects, when the child is ready or has failed to be. */
  readonly started: Promise<Started>;
  /** Resolves, never rejects, with how the process ended: `exited with code 1`. */
  readonly exited: Promise<string>;
  readonly #process: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #started = Promise.withResolvers<Started>();
  readonly #questions = new Map<number, (answer: unknown) => void>();
  /** When it was started, `now()`. */
  readonly since: number = now();
  readonly #token = newToken();
  #failure: string | undefined;
  #lastQuestion = 0;
  #unread = 0;
  #hasExited = false;

  /** Starts the process. */
  constructor(spec: ChildSpec, listener: ChildListener) {
    spec.prepare?.();
    const [program, ...args] = spec.command;
    this.#process = new Deno.Command(program, {
      args,
      ...(spec.env === undefined ? {} : { env: spec.env }),
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#orders = this.#process.stdin.getWriter();
    void this.#tell(
      encodeIntroduction({ token: this.#token, waits: true }),
    );
    this.started = this.#started.promise;
    this.exited = this.#run(spec.name, listener);
  }

  /** Process id. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it has not ended. */
  get isRunning(): boolean {
    return !this.#hasExited;
  }

  /** Why the child gave up, if it said so. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Lets it begin its work: until then it only loads its code. */
  begin(): void {
    this.order({ command: "begin" });
  }

  /** Sends an order. Does nothing if the child has left. */
  order(order: Order): void {
    void this.#tell(encodeOrder(order));
  }

  /**
   * Asks the child something.
   *
   * @param question Whatever it understands; becomes JSON.
   * @param timeout Most milliseconds to wait.
   * @returns Its answer; `undefined` if there is none in time.
   */
  async ask(question: unknown, timeout: number): Promise<unknown> {
    if (this.#hasExited || this.#unread >= MAX_UNREAD) return undefined;
    const id = ++this.#lastQuestion;
    const order = encodeOrder({ command: "ask", id, question });
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const timer = setTimeout(resolve, timeout);
    this.#questions.set(id, resolve);
    void this.#tell(order);
    const answer = await promise;
    clearTimeout(timer);
    this.#questions.delete(id);
    return answer;
  }

  /** Whether it answers in time, or has ended: one whose code blocks does neither. */
  async isAwake(timeout: number): Promise<boolean> {
    if (this.#hasExited) return true;
    const id = ++this.#lastQuestion;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#questions.set(id, resolve);
    void this.#tell(encodeOrder({ command: "ping", id }));
    const isAwake = await endsWithin(promise, timeout);
    this.#questions.delete(id);
    return isAwake;
  }

  /** Ends the process at once. Does nothing if it has ended. */
  kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      // It ended first, which is all we want.
      const ended = error instanceof TypeError ||
        error instanceof Deno.errors.NotFound;
      if (!ended) throw error;
    }
  }

  async #run(name: string, listener: ChildListener): Promise<string> {
    const output = new ChildOutput({
      onReport: (report) => this.#onReport(report, listener),
      onOutput: (bytes) => listener.onOutput(bytes),
    }, this.#token);
    const reader = this.#process.stdout.getReader();
    const read = readAll(reader, output);
    const status = await this.#process.status;
    if (!await endsWithin(read, LAST_OUTPUT_TIME)) await reader.cancel();
    await read;
    // The pipe may have broken with the process: then it is closed already.
    await this.#orders.close().catch(() => {});
    this.#hasExited = true;
    for (const answer of this.#questions.values()) answer(undefined);
    const exit = describe(status);
    this.#started.resolve({
      type: "failed",
      message: `Cannot start ${name}: it ${exit} before it was ready`,
    });
    return exit;
  }

  /** Never rejects: a child that left first needs no order, its exit is what counts. */
  async #tell(line: string): Promise<void> {
    this.#unread++;
    await this.#orders.write(encoder.encode(line)).catch(() => {});
    this.#unread--;
  }

  #onReport(report: Report, listener: ChildListener): void {
    switch (report.report) {
      case "ready":
        return this.#started.resolve({
          type: "ready",
          line: report.line,
          addresses: report.addresses,
          isAlone: report.isAlone === true,
        });
      case "failed":
        this.#failure = report.message;
        return this.#started.resolve({
          type: "failed",
          message: report.message,
        });
      case "answer":
        return this.#questions.get(report.id)?.(report.answer);
      case "asked":
        return listener.onAsked();
      default:
        report satisfies never;
    }
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  output: ChildOutput,
): Promise<void> {
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    output.push(part.value);
  }
  output.end();
}

function describe({ code, signal }: Deno.CommandStatus): string {
  return signal === null
    ? `exited with code ${code}`
    : `was ended by ${signal}`;
}
