// deno-lint-ignore-file no-console -- a program: its report goes to standard output
/**
 * What a message from one cell to another costs the two bridges, and how long it takes:
 * `deno task bench:cells [RATE…]`, messages a second; 30000 3000 if left out. Needs
 * `nats-server`. Each rate is kept up for three seconds, after one that does not count.
 *
 * @module
 */
import { defineHandler, GatewayClient } from "../../../mod.ts";
import { now } from "../../../lib/base/clock.ts";
import { pause } from "../../../lib/base/pause.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { NatsServer } from "../../_support/nats_server.ts";

/** Uids that messages go to. */
const UIDS = 50;

/** Bytes of a message. */
const LENGTH = 50;

/** Seconds that each rate is kept up. */
const SECONDS = 3;

/** One message of so many says when it was sent. */
const TIMED = 10;

const binding = defineHandler({
  message: async (event) => {
    await event.client.bindUid(event.text());
    return "bound";
  },
});

/** A bridge in a process of its own, as its CPU time is what counts. */
class BridgeProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
  }

  static async start(
    cell: string,
    nats: string,
    { registers: [register = ""] }: TestCluster,
  ): Promise<BridgeProcess> {
    const cli = new URL("../../../cli.ts", import.meta.url).pathname;
    const options = [
      ...["--cell", cell, "--nats", nats, "--cell-key", "bench"],
      ...["--register", register, "--bridge-port", "0"],
      ...["--lan-ip", "127.0.0.1", "--log-level", "warning"],
    ];
    const process = new Deno.Command("deno", {
      args: ["run", "-A", cli, "bridge", ...options],
      stdout: "piped",
    }).spawn();
    const reader = process.stdout.getReader();
    const decoder = new TextDecoder();
    let said = "";
    while (!said.includes("ready")) {
      const { value, done } = await reader.read();
      if (done) throw new TypeError(`The bridge has ended: ${said}`);
      said += decoder.decode(value);
    }
    return new BridgeProcess(process);
  }

  /** Seconds of CPU that it has used. */
  get cpu(): number {
    const stat = Deno.readTextFileSync(`/proc/${this.#process.pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // In ticks, of which Linux has 100 a second.
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
    await this.#process.status;
  }
}

/** Starts two cells, keeps up each rate, and ends all that it started. */
async function main(): Promise<void> {
  await using nats = await NatsServer.start();
  await using eu = await startCluster({ handler: binding });
  await using us = await startCluster({ handler: binding, gateways: 2 });
  await using one = await BridgeProcess.start("eu", nats.url, eu);
  await using other = await BridgeProcess.start("us", nats.url, us);
  await using sender = await GatewayClient.connect({ register: eu.registers });

  let came = 0;
  const latencies: number[] = [];
  for (let uid = 0; uid < UIDS; uid++) {
    const client = await us.connect(us.gateways[uid % 2]);
    client.send(`uid${uid}`);
    await client.hear();
    void (async () => {
      while (true) {
        const sentAt = Number(`${await client.hear()}`);
        came++;
        if (sentAt > 0) latencies.push(now() - sentAt);
      }
    })();
  }
  await pause(1_000);

  async function run(rate: number, seconds: number): Promise<void> {
    const count = rate * seconds;
    const cpu = one.cpu + other.cpu;
    const start = now();
    [came, latencies.length] = [0, 0];
    for (let sent = 0; sent < count;) {
      const due = Math.min(count, (now() - start) / 1_000 * rate);
      for (; sent < due; sent++) {
        const text = sent % TIMED === 0 ? `${now()}` : "-".padEnd(LENGTH);
        await sender.sendToUid(`uid${sent % UIDS}`, text);
      }
      await pause(1);
    }
    for (let left = 200; came < count && left > 0; left--) await pause(50);
    const used = one.cpu + other.cpu - cpu;
    latencies.sort((a, b) => a - b);
    const at = (part: number) =>
      latencies[Math.floor(latencies.length * part)]?.toFixed(1);
    console.log(
      `${rate}/s: ${came} of ${count} came, ${
        Math.round(count / used)
      } messages for a CPU-second of the two bridges, p50 ${at(0.5)} ms, p99 ${
        at(0.99)
      } ms`,
    );
  }

  const rates = Deno.args.length > 0 ? Deno.args.map(Number) : [30_000, 3_000];
  await run(rates[0] ?? 1_000, 1);
  for (const rate of rates) await run(rate, SECONDS);
}

await main();
// Clients that are gone are still waited for.
Deno.exit();
