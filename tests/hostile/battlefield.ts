import { clientUrl, startAll } from "../_support/commands.ts";
import { TestProcess } from "../_support/processes.ts";
import { LIMITS } from "./limits.ts";

const ECHO = new URL("./echo.ts", import.meta.url).pathname;
const ATTACKER = new URL("./attacker.ts", import.meta.url).pathname;

/** A cluster that echoes, as `start` runs it: Register, gateway and worker apart. */
export class Battlefield implements AsyncDisposable {
  readonly #process: TestProcess;
  readonly #gatewayPid: number;
  /** Where clients connect. */
  readonly url: string;

  private constructor(process: TestProcess, gatewayPid: number, url: string) {
    this.#process = process;
    this.#gatewayPid = gatewayPid;
    this.url = url;
  }

  /** Starts it. */
  static async start(): Promise<Battlefield> {
    const process = startAll(ECHO, ["--workers=1", ...LIMITS]);
    const ready = await process.line(/^Gateway ready/);
    const [, pid] = /\(pid (\d+)\)/.exec(ready) ?? [];
    return new Battlefield(process, Number(pid), await clientUrl(process));
  }

  /**
   * Starts an attack, which goes on until it is disposed of. It gets the processor
   * last: on a network, what it costs to attack is taken from another machine.
   */
  async attack(name: string): Promise<AsyncDisposable> {
    const { port } = new URL(this.url);
    const run = [Deno.execPath(), "run", "-A", ATTACKER, name, port];
    const attacker = new TestProcess(["nice", "-n", "19", ...run]);
    await attacker.line(/^Attacks/);
    return attacker;
  }

  /** Megabytes that the gateway holds. */
  async memory(): Promise<number> {
    const path = `/proc/${this.#gatewayPid}/status`;
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(
      await Deno.readTextFile(path),
    ) ?? [];
    return Math.round(Number(kilobytes) / 1_024);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
