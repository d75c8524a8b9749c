/**
 * A thread that connects many clients to a port at once, while nobody accepts them.
 *
 * @module
 */

/** What the thread is told. */
export interface BurstOrder {
  /** Where to connect. */
  readonly port: number;
  /** How many clients. */
  readonly clients: number;
  /** Becomes 1 when all are connected, and have asked. */
  readonly connected: Int32Array;
}

const REQUEST = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/** Returns whether a client gets its answer. */
async function isAnswered(conn: Deno.Conn): Promise<boolean> {
  try {
    const text = await new Response(conn.readable).text();
    return text.startsWith("HTTP/1.1 200 ");
  } catch {
    // Reset: that is what is counted.
    return false;
  }
}

async function burst(
  { port, clients, connected }: BurstOrder,
): Promise<number> {
  const conns = await Promise.all(
    Array.from({ length: clients }, async () => {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      await conn.write(new TextEncoder().encode(REQUEST));
      return conn;
    }),
  );
  Atomics.store(connected, 0, 1);
  Atomics.notify(connected, 0);
  const answered = await Promise.all(conns.map(isAnswered));
  return answered.filter((it) => !it).length;
}

// What a thread has in place of a page, which the types of a program do not know.
const thread = globalThis as unknown as Worker;
thread.onmessage = async ({ data }: MessageEvent<BurstOrder>) =>
  thread.postMessage(await burst(data));
