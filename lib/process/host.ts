import { messageOf } from "../base/errors.ts";
import { roomLogger } from "../observe/logger.ts";
import type { Readiness } from "./child.ts";
import type { DrainOrder } from "./control.ts";
import { deferSignals, onSignals } from "./signals.ts";
import { Supervised, type SupervisedOptions } from "./supervised.ts";

const logger = roomLogger("process");

/** What is told of a failure, in characters. */
const MAX_MESSAGE = 65_536;

/** Who started this process: it says when to stop, and hears how it goes. */
export interface Host extends AsyncDisposable {
  /** Aborts when it is time to shut down. */
  readonly stop: AbortSignal;
  /** Aborts when there is time for nothing; the process exits right after. */
  readonly stopNow: AbortSignal;
  /** Resolves, never rejects, when the work may begin, or never will; else at once. */
  readonly begun?: Promise<void>;
  /**
   * Called when somebody wants the code loaded anew; set by whoever can do that. Says
   * how it goes, a line for each step; rejects if it could not be done.
   */
  onReload?: (
    say: (line: string) => void,
    what?: ReloadRequest,
  ) => Promise<void>;
  /** The same for clients that are to leave; set by whoever has gateways. */
  onDrain?: (
    order: DrainOrder,
    say: (line: string) => void,
  ) => Promise<void>;
  /** Called when somebody asks something; set by whoever can answer. */
  onAsk?: (question: unknown) => unknown;
  /** The process does its work. */
  ready(readiness: Readiness): void;
  /** The process cannot do its work, and ends. */
  failed(message: string): void;
}

/** What is to be loaded anew, and who wants it. */
export interface ReloadRequest {
  /** Whether it is the gateways, and not the workers. */
  readonly gateways: boolean;
  /** Who wants it. */
  readonly by: string;
}

/** Where lines for people go. */
export interface Lines {
  /** Takes a result. */
  out(line: string): void;
  /** Takes a complaint. */
  error(line: string): void;
}

/** A message of several lines as a line of the log has it: the first, and others below. */
export function inLines(message: string): { cause: string; stack: string } {
  const [cause = "", ...others] = message.split("\n");
  return { cause, stack: others.map((line) => line.trim()).join("\n") };
}

/** A person at a terminal, systemd, or a container: signals in, lines out. */
export class ForegroundHost implements Host {
  readonly #stop = new AbortController();
  readonly #stopNow = new AbortController();
  readonly #lines: Lines;
  readonly #stopDelay: number;
  #delaying: ReturnType<typeof setTimeout> | undefined;
  #isStopping = false;
  readonly #signals: Disposable;
  /** See {@linkcode Host}. */
  onReload?: NonNullable<Host["onReload"]>;
  /** See {@linkcode Host}. */
  onDrain?: NonNullable<Host["onDrain"]>;
  /** See {@linkcode Host}. */
  onAsk?: (question: unknown) => unknown;
  /** Called when it was told to stop, and will after the delay. Must not throw. */
  onDelay?: () => void;

  /**
   * @param lines Where lines go.
   * @param stopDelay Milliseconds between the first signal and the stop, in which
   * {@linkcode ForegroundHost.isStopping} tells load balancers to go elsewhere.
   */
  constructor(lines: Lines, stopDelay = 0) {
    this.#lines = lines;
    this.#stopDelay = stopDelay;
    this.#signals = onSignals({
      stop: () => {
        logger.info("Stopping; a second signal stops at once");
        this.end();
      },
      stopNow: () => this.endNow(),
      reload: () => void this.#reload(),
    });
  }

  /** Does what the first signal does. */
  end(): void {
    this.#isStopping = true;
    if (this.#stopDelay === 0) this.#stop.abort();
    else if (this.#delaying === undefined) {
      this.#delaying = setTimeout(() => this.#stop.abort(), this.#stopDelay);
      this.onDelay?.();
    }
  }

  /** Whether it was told to stop. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Does what the second signal does. */
  endNow(): void {
    this.#stopNow.abort();
    Deno.exit(1);
  }

  /** Aborts at the first signal. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborts at the second signal. */
  get stopNow(): AbortSignal {
    return this.#stopNow.signal;
  }

  /** Prints the line. */
  ready(readiness: Readiness): void {
    this.#lines.out(readiness.line);
  }

  /** Prints the message. */
  failed(message: string): void {
    this.#lines.error(message);
  }

  /** Never rejects: nobody waits for a reload that a signal asked for. */
  async #reload(): Promise<void> {
    if (this.onReload === undefined) {
      return logger.warn(
        "Nothing to reload: only workers are, by their supervisor",
      );
    }
    try {
      await this.onReload(() => {});
    } catch (error) {
      logger.error("{cause}", inLines(messageOf(error)));
    }
  }

  /** Stops listening to signals. */
  [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#delaying);
    this.#signals[Symbol.dispose]();
    return Promise.resolve();
  }
}

/** A supervisor: orders in, reports out. */
export class SupervisedHost implements Host {
  /** Never aborts: a supervisor in a hurry kills. */
  readonly stopNow: AbortSignal = new AbortController().signal;
  readonly #stop = new AbortController();
  readonly #supervised: Supervised;
  readonly #begun = Promise.withResolvers<void>();
  readonly #signals: Disposable;
  readonly #listening: Promise<void>;
  /** See {@linkcode Host}. */
  onAsk?: (question: unknown) => unknown;

  private constructor(supervised: Supervised) {
    this.#supervised = supervised;
    if (!supervised.waits) this.#begun.resolve();
    this.#signals = deferSignals(() =>
      this.#supervised.report({ report: "asked" })
    );
    this.#listening = this.#listen();
  }

  /**
   * Takes orders from now on.
   *
   * @throws {SupervisedError} If whoever started this process is no supervisor.
   */
  static async open(options?: SupervisedOptions): Promise<SupervisedHost> {
    return new SupervisedHost(await Supervised.open(options));
  }

  /** Resolves when the supervisor says so, or that it is time to stop. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Aborts when the supervisor says so, or is gone. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Reports it. */
  ready(readiness: Readiness): void {
    this.#supervised.report({ report: "ready", ...readiness });
  }

  /** Reports it. */
  failed(message: string): void {
    const shown = message.slice(0, MAX_MESSAGE);
    this.#supervised.report({ report: "failed", message: shown });
  }

  /** Takes no more orders. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#supervised[Symbol.asyncDispose]();
    await this.#listening;
    this.#signals[Symbol.dispose]();
  }

  async #listen(): Promise<void> {
    try {
      for await (const order of this.#supervised.orders()) {
        if (order.command === "stop") this.#end();
        else if (order.command === "begin") this.#begun.resolve();
        else if (order.command === "ping") this.#supervised.pong(order.id);
        // Not awaited: whatever is slow to answer must not hold up the stop.
        else void this.#answer(order.id, order.question);
      }
    } catch (error) {
      logger.error("Cannot take orders any more: {reason}", {
        reason: messageOf(error),
      });
    }
    // Without a supervisor nobody would ever stop this process.
    this.#end();
  }

  #end(): void {
    this.#stop.abort();
    this.#begun.resolve();
  }

  /** Never rejects: what cannot be answered must not end the process. */
  async #answer(id: number, question: unknown): Promise<void> {
    try {
      const answer = await this.onAsk?.(question);
      this.#supervised.report({ report: "answer", id, answer });
    } catch (error) {
      logger.warn("Cannot answer the supervisor: {reason}", {
        reason: messageOf(error),
      });
    }
  }
}
