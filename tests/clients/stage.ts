import { clientUrl, startAll } from "../_support/commands.ts";
import type { TestProcess } from "../_support/processes.ts";

const HERE = new URL("./", import.meta.url);

/** Longest wait for the word that a client has gone, in milliseconds. */
const PATIENCE = 3_000;

const OPTIONS = [
  "--workers=1",
  "--log-level=error",
  // Twelve of them while a client is left alone.
  "--ping-interval=1",
  "--ping-not-response-limit=3",
  "--compression",
  "--compression-threshold=64",
  "--max-message=64m",
  "--send-buffer=128m",
];

/** A whole cluster as processes, and somebody in it who hears how clients leave. */
export class Stage implements AsyncDisposable {
  readonly #processes: TestProcess;
  readonly #watcher: WebSocket;
  readonly #left = new Map<string, number>();
  readonly #waiting = new Map<string, (code: number) => void>();
  /** The gateway's port for clients. */
  readonly port: number;

  private constructor(processes: TestProcess, url: string) {
    this.#processes = processes;
    this.port = Number(new URL(url).port);
    this.#watcher = new WebSocket(`${url}/?do=watch`);
    this.#watcher.onmessage = ({ data }) => this.#hear(String(data));
  }

  /** Starts it. */
  static async start(): Promise<Stage> {
    const at = (name: string) => new URL(name, HERE).pathname;
    const processes = startAll(at("handler.ts"), [
      ...OPTIONS,
      `--authorize=${at("authorize.ts")}`,
    ]);
    return new Stage(processes, await clientUrl(processes));
  }

  #hear(told: string): void {
    if (!told.startsWith("{")) return;
    const { run, code } = JSON.parse(told);
    this.#left.set(run, code);
    this.#waiting.get(run)?.(code);
  }

  /** The close code with which the worker heard a client go, if it did. */
  async codeOf(run: string): Promise<number | undefined> {
    const known = this.#left.get(run);
    if (known !== undefined) return known;
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    this.#waiting.set(run, resolve);
    const timer = setTimeout(() => resolve(undefined), PATIENCE);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(run);
    }
  }

  /** Ends all of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#watcher.onclose = resolve);
    this.#watcher.close();
    await closed;
    await this.#processes[Symbol.asyncDispose]();
  }
}
