import { clientUrl, startAll } from "../_support/commands.ts";
import { getAvailablePorts, TestProcess } from "../_support/processes.ts";
import { LIMITS } from "./limits.ts";

const ECHO = new URL("./echo.ts", import.meta.url).pathname;
const ATTACKER = new URL("./attacker.ts", import.meta.url).pathname;

/** A cluster that echoes, as `start` runs it: Register, gateway and worker apart. */
export class Battlefield implements AsyncDisposable {
  readonly #process: TestProcess;
  readonly #gatewayPid: number;
  readonly #admin: number;
  /** Where clients connect. */
  readonly url: string;

  private constructor(
    process: TestProcess,
    { gatewayPid, admin, url }: {
      gatewayPid: number;
      admin: number;
      url: string;
    },
  ) {
    this.#process = process;
    this.#gatewayPid = gatewayPid;
    this.#admin = admin;
    this.url = url;
  }

  /** Starts it. */
  static async start(): Promise<Battlefield> {
    const admin = getAvailablePorts(1);
    const listen = `--admin=127.0.0.1:${admin}`;
    const process = startAll(ECHO, ["--workers=1", listen, ...LIMITS]);
    const ready = await process.line(/^Gateway ready/);
    const [, pid] = /\(pid (\d+)\)/.exec(ready) ?? [];
    const gatewayPid = Number(pid);
    const url = await clientUrl(process);
    return new Battlefield(process, { gatewayPid, admin, url });
  }

  /**
   * Starts an attack, which goes on until it is disposed of. It gets the processor
   * last: on a network, what it costs to attack is taken from another machine.
   */
  async attack(name: string): Promise<AsyncDisposable> {
    const { port } = new URL(this.url);
    const run = [Deno.execPath(), "run", "-A", ATTACKER, name, port]
      .concat(String(this.#admin));
    const attacker = new TestProcess(["nice", "-n", "19", ...run]);
    await attacker.line(/^Attacks/);
    return attacker;
  }

  /** What is not as it was: a process that was started again, or monitoring that is not answered. */
  async damage(): Promise<string[]> {
    const found = await this.#metrics();
    const restarts = found.matchAll(/^gatewayworker_restarts_total.* (\d+)$/gm);
    const ups = [...found.matchAll(/^gatewayworker_up\{.* 1$/gm)];
    return [
      ...[...restarts].filter(([, count]) => count !== "0").map(([line]) =>
        line
      ),
      ...ups.length === 3 ? [] : [`${ups.length} of 3 processes answer`],
    ];
  }

  /** What monitoring is answered; nothing if it is not. */
  async #metrics(): Promise<string> {
    try {
      const url = `http://127.0.0.1:${this.#admin}/metrics`;
      return await (await fetch(url)).text();
    } catch {
      // Whoever measures sees that nobody is up.
      return "";
    }
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
