/** A program of the suite, in a process of its own until it is disposed of. */
export class ChildProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
  }

  /** Starts `file`, which lives until its input is closed. */
  static start(file: string, ...args: string[]): ChildProcess {
    const path = new URL(file, import.meta.url).href;
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", path, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    });
    return new ChildProcess(command.spawn());
  }

  /** Waits for the first line that it prints. */
  async firstLine(): Promise<string> {
    const reader = this.#process.stdout.getReader();
    let text = "";
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Deno.errors.UnexpectedEof("It said nothing");
      text += new TextDecoder().decode(value);
    }
    reader.releaseLock();
    return text.slice(0, text.indexOf("\n"));
  }

  /** Megabytes that it holds. */
  async memory(): Promise<number> {
    const path = `/proc/${this.#process.pid}/status`;
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(
      await Deno.readTextFile(path),
    ) ?? [];
    return Math.round(Number(kilobytes) / 1_024);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stdin.close();
    await this.#process.stdout.cancel();
    await this.#process.status;
  }
}
