/**
 * What it costs a cluster to be watched: echo throughput with somebody who listens to
 * the dashboard's events and without, in turns, since a machine is never the same for
 * long.
 *
 *     deno run -A tests/dashboard/watching_cost.ts [TURNS]
 *
 * @module
 */
import {
  clientUrl,
  registerAddress,
  startAllAt,
} from "../_support/commands.ts";
import { getAvailablePorts } from "../_support/processes.ts";

const HANDLER = new URL("./handler.ts", import.meta.url).pathname;

/** Clients that each have one message under way. */
const CLIENTS = 100;

/** Milliseconds that one measurement takes. */
const TURN = 2_000;

/** Milliseconds before the first, and after each change. */
const WARM_UP = 5_000;
const SETTLE = 100;

async function pause(time: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, time));
}

/** Clients that answer each echo with the next message. */
class EchoCrowd implements Disposable {
  readonly #sockets: WebSocket[] = [];
  #echoes = 0;

  constructor(url: string) {
    for (let i = 0; i < CLIENTS; i++) this.#sockets.push(this.#connect(url));
  }

  /** Measures echoes a second. */
  async measure(): Promise<number> {
    const [start, before] = [performance.now(), this.#echoes];
    await pause(TURN);
    return (this.#echoes - before) / (performance.now() - start) * 1000;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) {
      socket.onmessage = null;
      socket.close();
    }
  }

  #connect(url: string): WebSocket {
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send("hello");
    socket.onmessage = () => {
      this.#echoes++;
      socket.send("hello again");
    };
    return socket;
  }
}

/** Listens to a dashboard while something is done. */
async function watched(
  url: string,
  act: () => Promise<number>,
): Promise<number> {
  const response = await fetch(url);
  const reading = response.body?.pipeTo(new WritableStream(), {
    signal: AbortSignal.timeout(SETTLE + TURN),
  }).catch(() => {
    // The time is over: that is how it ends.
  });
  await pause(SETTLE);
  const result = await act();
  await reading;
  return result;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function main(turns: number): Promise<void> {
  const admin = `127.0.0.1:${getAvailablePorts(1)}`;
  await using cluster = startAllAt(registerAddress(), HANDLER, [
    "--gateways=1",
    "--workers=1",
    `--admin=${admin}`,
  ]);
  using crowd = new EchoCrowd(await clientUrl(cluster));
  await pause(WARM_UP);
  const [alone, seen]: [number[], number[]] = [[], []];
  const measure = () => crowd.measure();
  const look = async () =>
    void seen.push(await watched(`http://${admin}/events`, measure));
  const lookAway = async () => {
    await pause(SETTLE);
    alone.push(await measure());
  };
  for (let turn = 0; turn < turns; turn++) {
    // Neither is always the first: what drifts affects both.
    const steps = turn % 2 === 0 ? [look, lookAway] : [lookAway, look];
    for (const step of steps) await step();
  }
  const ratios = seen.map((rate, i) => rate / (alone[i] ?? NaN));
  const spread = mean(ratios.map((ratio) => (ratio - mean(ratios)) ** 2));
  const error = Math.sqrt(spread / turns);
  await Deno.stdout.write(new TextEncoder().encode(
    `not watched ${mean(alone).toFixed(0)}/s, watched ${
      mean(seen).toFixed(0)
    }/s, ratio ${mean(ratios).toFixed(3)} ± ${error.toFixed(3)}\n`,
  ));
}

if (import.meta.main) await main(Number(Deno.args[0] ?? 30));
