import { backoff } from "../base/backoff.ts";
import { messageOf } from "../base/errors.ts";
import { roomLogger } from "../observe/logger.ts";
import type { PeerListener } from "../peer/byte_stream.ts";
import { LineConnection } from "./line_connection.ts";
import { pause } from "../base/pause.ts";

const logger = roomLogger("link");

/** Pauses after a failed accept: some peers may leave meanwhile. */
const ACCEPT_BACKOFF = { minDelay: 5, maxDelay: 1_000 };

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
    let delays = backoff(ACCEPT_BACKOFF);
    while (!this.#end.signal.aborted) {
      try {
        const conn = await this.#listener.accept();
        delays = backoff(ACCEPT_BACKOFF);
        yield new LineConnection(conn);
      } catch (error) {
        if (this.#end.signal.aborted) return;
        const delay = Math.ceil(delays.next().value);
        logger.warn(
          "Cannot accept a peer: {reason}; trying again in {delay} ms",
          { reason: messageOf(error), delay },
        );
        await pause(delay, this.#end.signal);
      }
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
