/**
 * How long `start` takes until a client has its first echo: `deno run -A
 * tests/bench/load/start_time.ts [REVISION …]` shows it for this checkout and others,
 * in turns.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { pause } from "../../../lib/base/pause.ts";
import { checkOut } from "./checkout.ts";
import { Child, freePorts } from "./child.ts";
import { dial, hangUp } from "./dial.ts";
import { DIALECTS } from "./dialect.ts";

/** Turns of each version. */
const ROUNDS = 5;

/** How often a client tries to connect, in milliseconds. */
const TRY_EVERY = 5;

/** Longest start, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Starts a Register, a gateway and a worker with one command, and stops them again.
 *
 * @param root The folder of the checkout.
 * @returns Milliseconds from the command to the first echo.
 * @throws {Deno.errors.TimedOut} If there is none within a minute.
 */
export async function measureStart(root: string): Promise<number> {
  const [register = 0, client = 0] = freePorts(2);
  const address = `127.0.0.1:${client}`;
  const handler = `${root}/tests/bench/load/handlers/echo.ts`;
  const ofCluster = ["--register", `127.0.0.1:${register}`, "--start-port=0"];
  const counts = ["--gateways=1", "--workers=1"];
  const listen = ["--listen", `ws://${address}`];
  const args = [handler, ...ofCluster, ...counts, ...listen];
  const begin = performance.now();
  await using _start = new Child("start", [
    Deno.execPath(),
    "run",
    "-A",
    `${root}/cli.ts`,
    "start",
    ...args,
  ]);
  while (!await hasEcho(address)) {
    if (performance.now() - begin > PATIENCE) {
      throw new Deno.errors.TimedOut(
        `Cannot measure the start in ${root}: there was no echo within a minute`,
      );
    }
    await pause(TRY_EVERY);
  }
  return performance.now() - begin;
}

/** Whether somebody listens and answers. */
async function hasEcho(address: string): Promise<boolean> {
  try {
    const { conn } = await dial(address, DIALECTS.ws, "hello");
    await hangUp(conn);
    return true;
  } catch {
    // Nobody listens yet.
    return false;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

if (import.meta.main) {
  const here = fileURLToPath(new URL("../../..", import.meta.url));
  const roots = [here, ...await Promise.all(Deno.args.map(checkOut))];
  const times = roots.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, root] of roots.entries()) {
      times[i]?.push(await measureStart(root));
    }
  }
  for (const [i, root] of roots.entries()) {
    const all = times[i] ?? [];
    const bounds = `${Math.min(...all).toFixed(0)} to ${
      Math.max(...all).toFixed(0)
    }`;
    const line = `${root}: ${median(all).toFixed(0)} ms (${bounds})\n`;
    await Deno.stdout.write(new TextEncoder().encode(line));
  }
}
