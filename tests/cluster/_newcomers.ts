/**
 * A thread in which new clients come to a port all the while, each with an upgrade
 * request, and go when they are let in.
 *
 * @module
 */

/** What the thread is told. */
export interface NewcomersOrder {
  /** Where to connect. */
  readonly port: number;
  /** How many of them are on their way at a time. */
  readonly atOnce: number;
  /** Becomes 1 when they are to end. */
  readonly over: Int32Array;
}

/** What became of them. */
export interface Newcomers {
  readonly tried: number;
  /** Refused, reset, or answered in another way than with an upgrade. */
  readonly failed: number;
}

const REQUEST = new TextEncoder().encode(
  "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
);

async function isLetIn(port: number): Promise<boolean> {
  try {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(REQUEST);
    const buffer = new Uint8Array(1_024);
    const count = await conn.read(buffer) ?? 0;
    const answer = new TextDecoder().decode(buffer.subarray(0, count));
    return answer.startsWith("HTTP/1.1 101 ");
  } catch {
    // Refused or reset: that is what is counted.
    return false;
  }
}

async function come(
  { port, atOnce, over }: NewcomersOrder,
): Promise<Newcomers> {
  let [tried, failed] = [0, 0];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (Atomics.load(over, 0) === 0) {
      tried++;
      if (!await isLetIn(port)) failed++;
    }
  }));
  return { tried, failed };
}

// What a thread has in place of a page, which the types of a program do not know.
const thread = globalThis as unknown as Worker;
thread.onmessage = async ({ data }: MessageEvent<NewcomersOrder>) =>
  thread.postMessage(await come(data));
