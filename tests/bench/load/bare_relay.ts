/**
 * Passes bytes on, and does nothing else: what a gateway before a worker takes at least
 * on this runtime, where one message wakes three processes.
 *
 *     deno run --allow-net tests/bench/load/bare_relay.ts 9001 9000
 *
 * listens on port 9001, and connects each client to port 9000.
 *
 * @module
 */
import { writeAll } from "./dial.ts";

const READ_LENGTH = 65_536;

/** Passes on what one side says, until it ends. */
async function pass(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(READ_LENGTH);
  try {
    while (true) {
      const count = await from.read(buffer);
      if (count === null) break;
      await writeAll(to, buffer.subarray(0, count));
    }
  } catch {
    // One side was cut: the other one is, too.
  }
  closeOnce(from);
  closeOnce(to);
}

function closeOnce(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // The other direction was first.
  }
}

async function relay(client: Deno.TcpConn, port: number): Promise<void> {
  try {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    for (const conn of [client, server]) conn.setNoDelay(true);
    await Promise.all([pass(client, server), pass(server, client)]);
  } catch {
    // The echo does not listen yet: whoever waits for it comes again.
    closeOnce(client);
  }
}

if (import.meta.main) {
  const [port = 0, target = 0] = Deno.args.map(Number);
  for await (const conn of Deno.listen({ hostname: "127.0.0.1", port })) {
    void relay(conn, target);
  }
}
