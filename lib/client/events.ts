import type { Returned } from "./session.ts";

/** The session goes on: nothing is lost but what is counted here. */
export interface BackEvent {
  /**
   * How many frames to this client were dropped while it was away. What comes after
   * this event was sent after those.
   */
  readonly missed: number;
  /** How many frames of this client the gateway lacked, and has been sent again. */
  readonly resent: number;
}

/** The session ended, and another one began: uid, groups and state are new. */
export interface FreshEvent {
  /** `expired`, `lost`, `elsewhere`, `refused`, or `conflict` (the counts disagree). */
  readonly reason: string;
  /**
   * Messages and typed events that may not have been handled, in order. They are handed
   * back here, or are sent again after whatever a listener of this event sends
   * (`ConnectOptions.resend`).
   */
  readonly returned: readonly Returned[];
}

/** Frames were dropped while the client was there, as it did not keep up. */
export interface GapEvent {
  /** How many, at this place among the messages. */
  readonly missed: number;
}

/** It is over, and the client does not come back. */
export interface ClosedEvent {
  /** The WebSocket close code; 1000 after `close()`. */
  readonly code: number;
  /** What the gateway said to it; for 4010, the code of the refusal. */
  readonly reason: string;
  /** What `authorize` said to a refusal; `null` if nothing. */
  readonly data: unknown;
  /** Messages and typed events that may not have been handled, in order. */
  readonly returned: readonly Returned[];
}

/** What {@linkcode Client.on} tells of. */
export interface ClientEvents {
  /** A message: text, or bytes. */
  message: string | Uint8Array<ArrayBuffer>;
  /** The state has changed. */
  state: ClientState;
  /** The session goes on where it was. */
  back: BackEvent;
  /** The session could not go on; another has begun. */
  fresh: FreshEvent;
  /** Frames were dropped though the client was there. */
  gap: GapEvent;
  /** It is over. */
  closed: ClosedEvent;
  /** The token function failed, or the gateway broke a rule; the client tries again. */
  error: unknown;
}

/**
 * `connecting` until the first welcome; then `open`, and `away` while there is no
 * socket; `closed` for good.
 */
export type ClientState = "connecting" | "open" | "away" | "closed";
