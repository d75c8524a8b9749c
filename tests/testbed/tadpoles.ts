/**
 * 200 simulated tadpoles at 10 updates a second each: what the pond delivers.
 *
 *     deno run -A tests/testbed/tadpoles.ts [TADPOLES] [UPDATES] [SECONDS]
 *
 * Every update goes to every tadpole. A few of them read what they hear and say how
 * long it took; the others only count, as reading all of it would measure the reader.
 *
 * @module
 */
import {
  encodeText,
  FrameReader,
  upgradeRequest,
} from "../chaos/client_frames.ts";
import { LatencyRecord } from "../chaos/latency_record.ts";
import { LocalCluster } from "./local_cluster.ts";

const HANDLER =
  new URL("../../examples/todpole/handler.ts", import.meta.url).pathname;

/** Tadpoles that read what they hear. */
const READERS = 4;

/** Milliseconds in which each tadpole gets up to speed. */
const WARM_UP = 2_000;

/** Every so many bytes, a reader looks at one update. */
const latencies = new LatencyRecord();
let isMeasuring = false;
let heard = 0;

class SimulatedTadpole {
  readonly #conn: Deno.TcpConn;
  readonly #reader: FrameReader | undefined;
  readonly #counter = new FrameCounter();
  readonly #finished: Promise<void>;
  #number = 0;

  private constructor(conn: Deno.TcpConn, reads: boolean) {
    this.#conn = conn;
    this.#reader = reads ? new FrameReader() : undefined;
    this.#finished = this.#listen();
  }

  static async connect(
    port: number,
    reads: boolean,
  ): Promise<SimulatedTadpole> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    await conn.write(upgradeRequest("/"));
    const byte = new Uint8Array(1);
    for (let head = ""; !head.endsWith("\r\n\r\n");) {
      await conn.read(byte);
      head += String.fromCharCode(byte[0] ?? 0);
    }
    return new SimulatedTadpole(conn, reads);
  }

  async update(): Promise<void> {
    const way = this.#number++ / 30;
    await this.#conn.write(encodeText(JSON.stringify({
      type: "update",
      // When it was sent, where a page says where it is.
      x: performance.now().toFixed(1),
      y: (100 * Math.sin(way)).toFixed(1),
      angle: way.toFixed(3),
      momentum: "1.500",
    })));
  }

  async leave(): Promise<void> {
    this.#conn.close();
    await this.#finished;
  }

  async #listen(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (
        let count = await this.#conn.read(buffer);
        count !== null;
        count = await this.#conn.read(buffer)
      ) this.#take(buffer.subarray(0, count));
    } catch {
      // It left.
    }
  }

  #take(bytes: Uint8Array): void {
    if (this.#reader === undefined) {
      const count = this.#counter.push(bytes);
      if (isMeasuring) heard += count;
      return;
    }
    const now = performance.now();
    for (const { text } of this.#reader.push(bytes)) {
      if (!isMeasuring) continue;
      heard++;
      const { type, x } = JSON.parse(text);
      if (type === "update") latencies.add(now - x);
    }
  }
}

/** Counts messages without looking at them. */
class FrameCounter {
  #skip = 0;
  readonly #head: number[] = [];

  /** Returns how many messages began in these bytes. */
  push(bytes: Uint8Array): number {
    let count = 0;
    for (let at = 0; at < bytes.length;) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, bytes.length - at);
        this.#skip -= step;
        at += step;
        continue;
      }
      this.#head.push(bytes[at++] ?? 0);
      const [, short = 0, high = 0, low = 0] = this.#head;
      const isWhole = this.#head.length === (short === 126 ? 4 : 2);
      if (!isWhole) continue;
      this.#skip = short === 126 ? high * 256 + low : short;
      this.#head.length = 0;
      count++;
    }
    return count;
  }
}

async function main(
  tadpoles = 200,
  updates = 10,
  seconds = 15,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  await using _pond = await LocalCluster.start([
    HANDLER,
    "--workers",
    "1",
  ], folder);
  const crowd: SimulatedTadpole[] = [];
  for (let each = 0; each < tadpoles; each++) {
    crowd.push(await SimulatedTadpole.connect(_pond.port, each < READERS));
  }
  let sent = 0;
  let due = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    due += (now - last) / 1_000 * tadpoles * updates;
    last = now;
    for (; due >= 1; due--) {
      void crowd[sent++ % tadpoles]?.update();
    }
  }, 5);
  await new Promise((resolve) => setTimeout(resolve, WARM_UP));
  isMeasuring = true;
  const [began, before] = [performance.now(), sent];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  isMeasuring = false;
  const took = (performance.now() - began) / 1_000;
  const rate = (count: number) => Math.round(count / took).toLocaleString("en");
  clearInterval(timer);
  for (const tadpole of crowd) await tadpole.leave();
  print(
    `${tadpoles} tadpoles, ${rate(sent - before)} updates/s: ${
      rate(heard)
    } deliveries/s of ${rate((sent - before) * tadpoles)} wanted; p50 ${
      latencies.quantile(0.5).toFixed(1)
    } ms, p99 ${latencies.quantile(0.99).toFixed(1)} ms, longest ${
      latencies.quantile(1).toFixed(1)
    } ms`,
  );
}

function print(line: string): void {
  // deno-lint-ignore no-console -- for the person who started it
  console.log(line);
}

if (import.meta.main) {
  const [tadpoles, updates, seconds] = Deno.args.map(Number);
  await main(tadpoles, updates, seconds);
  Deno.exit(0);
}
