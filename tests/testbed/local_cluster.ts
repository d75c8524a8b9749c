import { TextLineStream } from "../chaos/text_lines.ts";
import { getAvailablePorts } from "../_support/processes.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

/** A cluster of the command `start` on this machine. */
export class LocalCluster implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #ready = Promise.withResolvers<void>();
  #lastLine = "";
  /** Where clients connect. */
  readonly port: number;

  private constructor(args: readonly string[], folder: string) {
    const port = getAvailablePorts(1);
    this.port = port;
    this.#process = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        CLI,
        "start",
        ...args,
        "--listen",
        `ws://127.0.0.1:${port}`,
        "--register",
        `127.0.0.1:${getAvailablePorts(1)}`,
        "--start-port",
        `${getAvailablePorts(1)}`,
        "--runtime-dir",
        `${folder}/${port}`,
        "--log-level",
        "error",
      ],
      env: { TODPOLE_PORT: `${getAvailablePorts(1)}` },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#reading = this.#read();
  }

  /**
   * Starts it.
   *
   * @param args The handler, and options.
   * @param folder For its sockets.
   * @throws {Deno.errors.UnexpectedEof} If it does not start.
   */
  static async start(
    args: readonly string[],
    folder: string,
  ): Promise<LocalCluster> {
    const cluster = new LocalCluster(args, folder);
    await cluster.#ready.promise;
    return cluster;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
    await this.#reading;
  }

  async #read(): Promise<void> {
    const lines = this.#process.stdout
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) {
      this.#lastLine = line;
      if (line.startsWith("All ready")) this.#ready.resolve();
    }
    this.#ready.reject(
      new Deno.errors.UnexpectedEof(`Cannot start: ${this.#lastLine}`),
    );
  }
}
