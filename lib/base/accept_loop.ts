import { pause } from "./pause.ts";

/** First pause after a failed accept; doubles up to MAX_DELAY. In milliseconds. */
const MIN_DELAY = 5;
const MAX_DELAY = 1_000;

/** All that {@linkcode acceptAll} needs of a listener. */
export interface Acceptor<Stream> {
  /** Waits for the next connection; rejects with `BadResource` once closed. */
  accept(): Promise<Stream>;
}

/** How {@linkcode acceptAll} goes on. */
export interface AcceptOptions {
  /** Told of a failed accept, and how many milliseconds pass before the next. */
  failed(error: unknown, delay: number): void;
  /** Ends the pause after a failed accept, and all of it. */
  readonly signal?: AbortSignal;
}

/**
 * Yields connections as they come, until the acceptor is closed. Never rejects.
 *
 * A failed accept is no reason to stop serving those we have: wait for some of them to
 * leave.
 *
 * @typeParam Stream What a connection is.
 * @param acceptor Where connections come from.
 * @param options Who is told of failures.
 */
export async function* acceptAll<Stream>(
  acceptor: Acceptor<Stream>,
  { failed, signal }: AcceptOptions,
): AsyncGenerator<Stream, void> {
  let delay = MIN_DELAY;
  while (signal?.aborted !== true) {
    let stream: Stream;
    try {
      stream = await acceptor.accept();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || signal?.aborted) return;
      if (isOfOneConnection(error)) continue;
      failed(error, delay);
      await pause(delay, signal);
      delay = Math.min(delay * 2, MAX_DELAY);
      continue;
    }
    delay = MIN_DELAY;
    yield stream;
  }
}

/**
 * Whether the other side broke a connection before it was taken: the next one may be
 * taken at once. Who paused then would let a stranger, who breaks as many connections
 * as it likes, keep everybody out.
 */
function isOfOneConnection(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}
