/** Where a connection is in its life. It only ever moves down. */
export const State = {
  /** The upgrade request is not complete. */
  Handshaking: 0,
  /** It is complete, and the listener has yet to decide. */
  Authorizing: 1,
  /** Its answer is on its way, and nobody was told of it. */
  Refused: 2,
  /** Messages flow both ways. */
  Open: 3,
  /** Our close frame is on its way; the client's is awaited. */
  Closing: 4,
  /** What is queued still leaves; nothing more is read. */
  Ending: 5,
} as const;

/** One of them. */
export type State = typeof State[keyof typeof State];
