import { clientUrl, startAll } from "../_support/commands.ts";
import { KeyFiles } from "../_support/key_files.ts";
import { eventually } from "../_support/eventually.ts";
import {
  getAvailablePorts,
  pidIn,
  TestProcess,
} from "../_support/processes.ts";
import type { Door } from "./attack_plan.ts";
import { KEPT_BYTES, LIMITS, ORDINARY } from "./limits.ts";

const ECHO = new URL("./echo.ts", import.meta.url).pathname;
/** Longest wait for monitoring, in milliseconds. */
const PATIENCE = 10_000;

/** Ticks in a second of a processor. */
const TICKS = 100;

const ATTACKER = new URL("./attacker.ts", import.meta.url).pathname;

/** A cluster that echoes, as `start` runs it: Register, gateway and worker apart. */
export class Battlefield implements AsyncDisposable {
  readonly #process: TestProcess;
  readonly #gatewayPid: number;
  readonly #ports: Readonly<Record<Door, number>>;
  /** Where clients connect. */
  readonly url: string;

  private constructor(
    process: TestProcess,
    { gatewayPid, ports, url }: {
      gatewayPid: number;
      ports: Readonly<Record<Door, number>>;
      url: string;
    },
  ) {
    this.#process = process;
    this.#gatewayPid = gatewayPid;
    this.#ports = ports;
    this.url = url;
  }

  /**
   * Starts it.
   *
   * @param more Options beside `LIMITS`, which they override.
   */
  static async start(more: readonly string[] = []): Promise<Battlefield> {
    const admin = getAvailablePorts(1);
    const own = ["--workers=1", `--admin=127.0.0.1:${admin}`];
    const process = startAll(ECHO, [...own, ...LIMITS, ...more]);
    const gatewayPid = pidIn(await process.line(/^Gateway ready/));
    const url = await clientUrl(process);
    const clients = Number(new URL(url).port);
    const summary = await process.line(/^All ready/);
    const full = Number(/wss:\S+:(\d+)/.exec(summary)?.[1]);
    return new Battlefield(process, {
      gatewayPid,
      ports: { clients, admin, full },
      url,
    });
  }

  /** Starts one that has room for nobody but ordinary clients, with TLS beside. */
  static async startFull(): Promise<Battlefield> {
    await using files = await KeyFiles.write();
    return await Battlefield.start([
      "--listen=ws://127.0.0.1:0,wss://127.0.0.1:0",
      ...files.options,
      `--max-connections=${ORDINARY}`,
    ]);
  }

  /**
   * Starts an attack, which goes on until it is disposed of. It gets the processor
   * last: on a network, what it costs to attack is taken from another machine.
   */
  async attack(
    name: string,
    door: Door = "clients",
  ): Promise<TestProcess> {
    const port = String(this.#ports[door]);
    const run = [Deno.execPath(), "run", "-A", ATTACKER, name, port];
    const attacker = new TestProcess(["nice", "-n", "19", ...run]);
    await attacker.line(/^Attacks/);
    return attacker;
  }

  /**
   * What is not as it was: a process that was started again, answers that were not sent,
   * or monitoring that is not answered.
   */
  async damage(): Promise<string[]> {
    const found = await this.#metrics();
    const restarts = found.matchAll(/^gatewayworker_restarts_total.* (\d+)$/gm);
    const refused = /^gatewayworker_worker_sends_refused_total.* (\d+)$/m.exec(
      found,
    )?.[1];
    const kept = /^gatewayworker_gateway_resume_ring_bytes.* (\d+)$/m.exec(
      found,
    )?.[1];
    const ups = [...found.matchAll(/^gatewayworker_up\{.* 1$/gm)];
    return [
      ...[...restarts].filter(([, count]) => count !== "0").map(([line]) =>
        line
      ),
      ...Number(refused) === 0 ? [] : [`${refused} answers were not sent`],
      ...Number(kept) <= KEPT_BYTES ? [] : [`${kept} bytes are kept`],
      ...ups.length === 3 ? [] : [`${ups.length} of 3 processes answer`],
    ];
  }

  /** What monitoring is answered; nothing if it is not. */
  async #metrics(): Promise<string> {
    try {
      const url = `http://127.0.0.1:${this.#ports.admin}/metrics`;
      const signal = AbortSignal.timeout(PATIENCE);
      return await (await fetch(url, { signal })).text();
    } catch {
      // Whoever measures sees that nobody is up.
      return "";
    }
  }

  /** Resolves when no client is connected. */
  async deserted(): Promise<void> {
    const isDeserted = async () =>
      /^gatewayworker_gateway_clients\{.* 0$/m.test(await this.#metrics());
    await eventually("nobody is connected", isDeserted);
  }

  /** Seconds of a processor that the gateway has used. */
  async work(): Promise<number> {
    const path = `/proc/${this.#gatewayPid}/stat`;
    const [, fields = ""] = (await Deno.readTextFile(path)).split(") ");
    const [user, system] = fields.split(" ").slice(11, 13).map(Number);
    return ((user ?? 0) + (system ?? 0)) / TICKS;
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
