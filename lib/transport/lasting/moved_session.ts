import { NO_BYTES } from "../../base/no_bytes.ts";
import type { LastingConnection } from "./lasting_connection.ts";

/** A session on its way from one gateway to another. */
export interface MovedSession {
  /** Names it to people. */
  readonly id: string;
  /** Milliseconds for which its client may be away. */
  readonly window: number;
  /** Milliseconds for which it has been away. */
  readonly away: number;
  /** Number of the newest frame that is not kept any more. */
  readonly gone: number;
  /** What comes after it, without what WebSocket puts around; no bytes for a dropped one. */
  readonly frames: readonly Uint8Array[];
  /** Counted frames that came of the client. */
  readonly received: number;
  /** So many of them are handled. */
  readonly handled: number;
}

/** Puts down all that another gateway needs of a session, in views of its memory. */
export function packSession(
  { id, window, awaySince, ring, receipt, codec }: LastingConnection,
  time: number,
): MovedSession {
  const frames = Array.from(
    ring.after(0),
    (frame) => frame.length === 0 ? NO_BYTES : codec.unwrap(frame),
  );
  const { received, handled } = receipt;
  const away = Math.max(0, time - awaySince);
  return { id, window, away, gone: ring.gone, frames, received, handled };
}

/** Gives a session that has just been made what it had at another gateway. */
export function unpackSession(
  session: LastingConnection,
  { gone, frames, received, handled }: MovedSession,
): void {
  const { ring, receipt, codec } = session;
  ring.sent = gone;
  for (const frame of frames) {
    ring.push(frame.length === 0 ? NO_BYTES : codec.wrap(frame));
  }
  receipt.received = received;
  receipt.handled = handled;
  if (received > handled) session.owe();
}
