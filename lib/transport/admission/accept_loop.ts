import { messageOf } from "../../base/errors.ts";
import { roomLogger } from "../../observe/logger.ts";

const logger = roomLogger("transport");

/** First pause after a failed accept; doubles up to MAX_ACCEPT_DELAY. */
const MIN_ACCEPT_DELAY = 5;
const MAX_ACCEPT_DELAY = 1_000;

/** All that {@linkcode acceptAll} needs of a `Deno.Listener`. */
export interface Acceptor<Stream> {
  /** Waits for the next connection; rejects with `BadResource` once closed. */
  accept(): Promise<Stream>;
}

/**
 * Accepts connections until the acceptor is closed. Never rejects.
 *
 * A failed accept is no reason to stop serving the clients we have: wait for some of
 * them to leave.
 *
 * @param acceptor Where connections come from.
 * @param take Called for each; must not throw.
 */
export async function acceptAll<Stream>(
  acceptor: Acceptor<Stream>,
  take: (stream: Stream) => void,
): Promise<void> {
  let delay = MIN_ACCEPT_DELAY;
  while (true) {
    try {
      take(await acceptor.accept());
      delay = MIN_ACCEPT_DELAY;
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
      const message = messageOf(error);
      logger.warn("Cannot accept, trying again in {delay} ms: {message}", {
        delay,
        message,
      });
      await new Promise((resolve) => setTimeout(resolve, delay));
      delay = Math.min(delay * 2, MAX_ACCEPT_DELAY);
    }
  }
}
