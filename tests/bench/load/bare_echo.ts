/**
 * A WebSocket echo with this package's transport and nothing behind it: the ceiling
 * that an echo through gateway and worker is measured against.
 *
 *     deno run --allow-net tests/bench/load/bare_echo.ts 9000
 *
 * Prints `ready PORT` when it can be dialled; port 0 lets the system choose.
 *
 * @module
 */
import type {
  Connection,
  ConnectionListener,
} from "../../../lib/transport/connection.ts";
import { ClientListener } from "../../../lib/transport/listener/listener.ts";

/** Sends every message back to where it came from. */
class Echo implements ConnectionListener {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  onOpen(): void {
    // The connection is known since accept.
  }

  onMessage(
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): void {
    this.#connection.send(buffer, start, end, binary);
  }

  onClose(): void {
    // Nothing is kept for a client.
  }
}

if (import.meta.main) {
  const listener = new ClientListener(
    `ws://127.0.0.1:${Deno.args[0] ?? 0}`,
    {},
    (connection) => new Echo(connection),
  );
  // deno-lint-ignore no-console -- A program's output is what others wait for.
  console.log(`ready ${listener.addr.port}`);
  await listener.finished;
}
