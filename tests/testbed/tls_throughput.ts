/**
 * What TLS on the links costs: echo through client, gateway, worker and back, with
 * and without it, in turns.
 *
 *     deno run -A tests/testbed/tls_throughput.ts
 *
 * @module
 */
import { encodeText, upgradeRequest } from "../chaos/client_frames.ts";
import { AUTHORITY, NODE } from "../integration/security/_certificates.ts";
import { LocalCluster } from "./local_cluster.ts";

/** Clients, and messages that each has under way. */
const CLIENTS = 50;
const DEPTH = 8;

/** Milliseconds of one measurement, and how often each is done. */
const DURATION = 4_000;
const TURNS = 3;

const SIZES = [100, 4_096];

/** Sends messages of one size, as many as come back, until told to stop. */
async function echo(conn: Deno.TcpConn, size: number, stop: AbortSignal) {
  const frame = encodeText("x".repeat(size));
  // What comes back has no mask.
  const length = frame.length - 4;
  const buffer = new Uint8Array(65_536);
  const batch = new Uint8Array(frame.length * DEPTH);
  for (let each = 0; each < DEPTH; each++) {
    batch.set(frame, each * frame.length);
  }
  await conn.write(batch);
  let count = 0;
  let bytes = 0;
  while (true) {
    const read = await conn.read(buffer);
    if (read === null) throw new Deno.errors.UnexpectedEof("The gateway left");
    bytes += read;
    const whole = Math.floor(bytes / length);
    bytes -= whole * length;
    count += whole;
    if (stop.aborted) return count;
    const next = batch.subarray(0, whole * frame.length);
    for (let at = 0; at < next.length;) {
      at += await conn.write(next.subarray(at));
    }
  }
}

async function measure(port: number, size: number): Promise<number> {
  const conns: Deno.TcpConn[] = [];
  for (let each = 0; each < CLIENTS; each++) conns.push(await connect(port));
  const stop = new AbortController();
  const began = performance.now();
  const counts = conns.map((conn) => echo(conn, size, stop.signal));
  await new Promise((resolve) => setTimeout(resolve, DURATION));
  stop.abort();
  const count = (await Promise.all(counts)).reduce((sum, each) => sum + each);
  for (const conn of conns) conn.close();
  return count / (performance.now() - began) * 1_000;
}

async function connect(port: number): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  await conn.write(upgradeRequest("/"));
  const byte = new Uint8Array(1);
  for (let head = ""; !head.endsWith("\r\n\r\n");) {
    await conn.read(byte);
    head += String.fromCharCode(byte[0] ?? 0);
  }
  return conn;
}

async function main(): Promise<void> {
  const folder = await Deno.makeTempDir();
  const file = async (name: string, text: string) => {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    return `${folder}/${name}`;
  };
  const handler = await file(
    "echo.js",
    'export default (event) => event.type === "message" ? event.text() : undefined;',
  );
  const tls = [
    "--lan-cert",
    await file("node.crt", NODE.lanCert),
    "--lan-key",
    await file("node.key", NODE.lanKey),
    "--lan-ca",
    await file("ca.crt", AUTHORITY),
  ];
  const start = (args: string[]) =>
    LocalCluster.start(
      [handler, "--workers", "1", ...args],
      folder,
    );
  await using plain = await start([]);
  await using secured = await start(tls);
  for (const size of SIZES) {
    const rates = { plain: [] as number[], tls: [] as number[] };
    for (let turn = 0; turn < TURNS; turn++) {
      rates.plain.push(await measure(plain.port, size));
      rates.tls.push(await measure(secured.port, size));
    }
    const best = [Math.max(...rates.plain), Math.max(...rates.tls)] as const;
    print(
      `${size} bytes: ${show(rates.plain)} without TLS, ${
        show(rates.tls)
      } with; best with ${
        (best[1] / best[0] * 100).toFixed(0)
      } % of best without`,
    );
  }
}

function show(rates: readonly number[]): string {
  return `${
    rates.map((rate) => Math.round(rate).toLocaleString("en")).join(", ")
  } messages/s`;
}

function print(line: string): void {
  // deno-lint-ignore no-console -- for the person who started it
  console.log(line);
}

if (import.meta.main) {
  await main();
  Deno.exit(0);
}
