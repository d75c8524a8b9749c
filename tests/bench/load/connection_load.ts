import { encodeMasked } from "./client_frames.ts";
import { dial, hangUp, writeAll } from "./dial.ts";
import { DIALECTS } from "./dialect.ts";
import { Histogram } from "./histogram.ts";
import { noFaults } from "./lane.ts";
import type { LoadOptions, LoadTarget } from "./load_options.ts";
import type { LoadResult } from "./load_result.ts";
import { encodeDigits, INDEX_DIGITS } from "./payload.ts";
import { type Lap, pause, Stopwatch } from "./stopwatch.ts";

/** Clients that connect at a time before they rest. */
const IDLE_DIAL_WIDTH = 64;

/** Makes connections of one load, and counts. */
class Connector {
  readonly latency = new Histogram();
  readonly faults = noFaults();
  started = 0;
  made = 0;
  readonly #target: LoadTarget;

  constructor(target: LoadTarget) {
    this.#target = target;
  }

  /** Makes one connection; `undefined` if that failed. */
  async connect(hello: string): Promise<Deno.Conn | undefined> {
    const { addresses, dialect } = this.#target;
    const address = addresses[this.started++ % addresses.length] as string;
    const start = performance.now();
    try {
      const { conn } = await dial(address, DIALECTS[dialect], hello);
      this.latency.record(performance.now() - start);
      this.made++;
      return conn;
    } catch {
      // Refused, reset or junk: counted, and the next one is tried.
      this.faults.disconnected++;
      return undefined;
    }
  }

  reset(): void {
    this.latency.reset();
    this.started = this.made = 0;
  }

  report(load: LoadOptions, lap: Lap): LoadResult {
    return {
      load,
      ...lap,
      sent: this.started,
      delivered: this.made,
      perSecond: this.made / lap.seconds,
      faults: this.faults,
      latency: this.latency.summary(),
    };
  }
}

/**
 * Connects, waits for the handler's greeting, exchanges messages, says goodbye; again
 * and again, `clients` at a time.
 */
export async function runConnects(
  load: LoadOptions,
  target: LoadTarget,
): Promise<LoadResult> {
  const connector = new Connector(target);
  let running = true;
  const churn = async () => {
    while (running) {
      const conn = await connector.connect("");
      if (conn === undefined) await pause(0.01);
      else await converse(conn, load, target, connector);
    }
  };
  const loops = Array.from({ length: load.clients }, churn);
  await pause(load.warmup);
  connector.reset();
  const stopwatch = new Stopwatch(target.watched);
  await pause(load.seconds);
  const report = connector.report(load, stopwatch.read());
  running = false;
  await Promise.all(loops);
  return report;
}

/** Connects clients that then do nothing, and reads how much memory the servers gained. */
export async function runIdle(
  load: LoadOptions,
  target: LoadTarget,
): Promise<LoadResult> {
  const connector = new Connector(target);
  const conns: (Deno.Conn | undefined)[] = [];
  const stopwatch = new Stopwatch(target.watched);
  const connectSome = async () => {
    while (connector.started < load.clients) {
      const hello = `+${encodeDigits(connector.started, INDEX_DIGITS)}`;
      conns.push(await connector.connect(hello));
    }
  };
  await Promise.all(Array.from({ length: IDLE_DIAL_WIDTH }, connectSome));
  await pause(load.seconds);
  const report = connector.report(load, stopwatch.read());
  for (const conn of conns) conn?.close();
  return report;
}

/** Sends messages one by one, each answered by as many bytes, then hangs up. */
async function converse(
  conn: Deno.Conn,
  load: LoadOptions,
  target: LoadTarget,
  connector: Connector,
): Promise<void> {
  const { before, after } = DIALECTS[target.dialect];
  const text = new TextEncoder().encode(before + "z".repeat(load.size) + after);
  const frame = encodeMasked(text);
  const scratch = new Uint8Array(frame.length);
  try {
    for (let i = 0; i < load.messages; i++) {
      await writeAll(conn, frame);
      // A server's frame is the client's less the four bytes of the mask.
      for (let missing = frame.length - 4; missing > 0;) {
        const count = await conn.read(scratch.subarray(0, missing));
        if (count === null) throw new Deno.errors.UnexpectedEof();
        missing -= count;
      }
    }
  } catch {
    // Counted: the connection was cut while a message was under way.
    connector.faults.lost++;
  }
  await hangUp(conn);
}
