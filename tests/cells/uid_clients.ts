import { UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";
import { clientFrame } from "../unit/transport/_feed.ts";
import type { Order } from "./handler.ts";

/** Clients that connect at a time. */
const AT_A_TIME = 200;

/**
 * Very many clients, each with a uid of its own, that hear nothing any more once they have
 * it: what is sent to them stays in the system's buffers.
 */
export class UidClients implements Disposable {
  readonly #conns: Deno.Conn[] = [];

  /**
   * Connects them, to each gateway in turn.
   *
   * @param urls Where.
   * @param prefix What the uids begin with; then comes a number.
   * @param count How many.
   */
  async connect(
    urls: readonly string[],
    prefix: string,
    count: number,
  ): Promise<void> {
    let next = 0;
    const one = async () => {
      while (next < count) {
        const number = next++;
        const { hostname, port } = new URL(urls[number % urls.length] ?? "");
        const conn = await Deno.connect({ hostname, port: Number(port) });
        this.#conns.push(conn);
        await bind(conn, `${prefix}${number}`);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, one));
  }

  /** Closes all of them. */
  [Symbol.dispose](): void {
    for (const conn of this.#conns) conn.close();
  }
}

async function bind(conn: Deno.Conn, name: string): Promise<void> {
  const buffer = new Uint8Array(2_048);
  await conn.write(new TextEncoder().encode(UPGRADE_REQUEST));
  await conn.read(buffer);
  const order: Order = { id: 1, what: "bind", name };
  await conn.write(clientFrame(1, JSON.stringify(order)));
  const count = await conn.read(buffer);
  if (count === null) throw new TypeError(`The client of ${name} was closed`);
}
