import { acceptAll } from "../base/accept_loop.ts";
import { messageOf } from "../base/errors.ts";
import { roomLogger } from "../observe/logger.ts";
import type { PeerListener } from "../peer/peer_listener.ts";
import { LineConnection } from "./line_connection.ts";

const logger = roomLogger("link");

/** Accepts peers that speak in lines. Bound from the start. */
export class LineListener implements Disposable {
  readonly #listener: PeerListener;
  readonly #end = new AbortController();

  /** @param listener From now on nobody else's. */
  constructor(listener: PeerListener) {
    this.#listener = listener;
  }

  /** The address bound; port `0` has become a real one. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** Yields peers as they come, until the listener is closed. */
  async *accept(): AsyncGenerator<LineConnection, void> {
    const { signal } = this.#end;
    const failed = (error: unknown, delay: number) =>
      logger.warn(
        "Cannot accept a peer, trying again in {delay} ms: {reason}",
        {
          delay,
          reason: messageOf(error),
        },
      );
    for await (const conn of acceptAll(this.#listener, { failed, signal })) {
      yield new LineConnection(conn);
    }
  }

  /** Takes nobody new; those accepted stay. Safe to call twice. */
  close(): void {
    if (this.#end.signal.aborted) return;
    this.#end.abort();
    this.#listener.close();
  }

  /** The same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
