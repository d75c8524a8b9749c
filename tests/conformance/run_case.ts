import type { ConformanceCase, Endpoint } from "./case.ts";
import { ServerFrames } from "./server_frames.ts";
import {
  bytes,
  chunked,
  clientFrame,
  concat,
} from "../unit/transport/_feed.ts";
import { UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";

/** Most milliseconds that a case may take. */
const TIMEOUT = 10_000;

/** Offers compression as most clients do. */
const OFFER = "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

const CLOSE_NORMALLY = clientFrame(8, Uint8Array.of(3, 232));

/** Where the cases are run. */
export interface Target {
  /** Port of each listener. */
  readonly ports: Readonly<Record<Endpoint, number>>;
  /**
   * Whether messages come back in one order with pongs. Through a worker they come
   * back later, and what came just before a mistake may not come back at all.
   */
  readonly isStrict: boolean;
  /** The certificate by which it is believed, if it speaks TLS. */
  readonly certificate?: string;
}

/** What became of a case. */
export interface Outcome {
  /** What was said, in order. */
  readonly said: readonly string[];
  /** What is wrong with it; `undefined` if all is well. */
  readonly failure: string | undefined;
}

/** Runs a case on a connection of its own. */
export async function runCase(
  which: ConformanceCase,
  target: Target,
): Promise<Outcome> {
  const { endpoint = "plain" } = which;
  const conn = await connect(target.ports[endpoint], target.certificate);
  const timer = setTimeout(() => conn.close(), TIMEOUT);
  try {
    const said = await talk(which, conn);
    return { said, failure: compare(which, said, target) };
  } finally {
    clearTimeout(timer);
    try {
      conn.close();
    } catch {
      // It took too long, and was closed then.
    }
  }
}

async function connect(port: number, certificate?: string): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  if (certificate === undefined) return conn;
  const caCerts = [certificate];
  return await Deno.startTls(conn, { hostname: "localhost", caCerts });
}

/** Says all that the client has to say; returns what the server said. */
async function talk(
  { endpoint = "plain", request, sends, chop, expects, ends }: ConformanceCase,
  conn: Deno.Conn,
): Promise<string[]> {
  const offer = endpoint === "plain" ? "\r\n" : OFFER;
  await writeAll(conn, bytes(request ?? UPGRADE_REQUEST.slice(0, -2) + offer));
  const { head, rest } = await readHead(conn);
  const status = head.slice(9, 12);
  if (status !== "101") return [`status ${status}`];
  using frames = new ServerFrames(head);
  const said = frames.push(rest);
  const all = concat(...sends);
  const writing = (async () => {
    for (const piece of chunked(all, chop ?? (all.length || 1))) {
      await writeAll(conn, piece);
    }
  })();
  // The server may have ended before it was told everything.
  writing.catch(() => {});
  await hear(
    conn,
    frames,
    said,
    ends === undefined ? expects.length : Infinity,
  );
  if (ends === undefined) {
    await writing;
    await writeAll(conn, CLOSE_NORMALLY).catch(() => {});
    await hear(conn, frames, said, Infinity);
  }
  return said;
}

/** Reads until so much was said, or nothing more will be. */
async function hear(
  conn: Deno.Conn,
  frames: ServerFrames,
  said: string[],
  count: number,
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  while (said.length < count) {
    const read = await conn.read(buffer).catch(() => null);
    if (read === null) return;
    said.push(...frames.push(buffer.subarray(0, read)));
  }
}

async function readHead(
  conn: Deno.Conn,
): Promise<{ head: string; rest: Uint8Array }> {
  let received = new Uint8Array(0);
  const buffer = new Uint8Array(4_096);
  while (true) {
    const text = String.fromCharCode(...received);
    const end = text.indexOf("\r\n\r\n") + 4;
    if (end >= 4) {
      return { head: text.slice(0, end), rest: received.slice(end) };
    }
    const count = await conn.read(buffer).catch(() => null);
    if (count === null) return { head: text, rest: new Uint8Array(0) };
    received = concat(received, buffer.subarray(0, count));
  }
}

async function writeAll(conn: Deno.Conn, source: Uint8Array): Promise<void> {
  let rest = source;
  while (rest.length > 0) rest = rest.subarray(await conn.write(rest));
}

/** Says what is wrong with what was said. */
function compare(
  { expects, ends }: ConformanceCase,
  said: readonly string[],
  { isStrict }: Target,
): string | undefined {
  const end = ends ?? "close 1000";
  const expected = [...expects, end];
  const differ = (a: readonly string[], b: readonly string[]) =>
    JSON.stringify(a) !== JSON.stringify(b);
  if (!differ(said, expected)) return undefined;
  const report = `said ${JSON.stringify(said)}, not ${
    JSON.stringify(expected)
  }`;
  if (isStrict) return report;
  if (differ(said.filter(isControl), expected.filter(isControl))) return report;
  const messages = said.filter((line) => !isControl(line));
  const due = expects.filter((line) => !isControl(line));
  // Behind a mistake nothing is owed.
  const owed = ends === undefined ? due : due.slice(0, messages.length);
  return differ(messages, owed) ? report : undefined;
}

function isControl(line: string): boolean {
  return /^(close|ping|pong|status|a )/.test(line);
}
