/** What a frame of a link asks for. Its bytes are good during the call only. */
export interface Call {
  /** What it means. */
  readonly command: number;
  /** The client meant; 0 if none. */
  readonly connectionId: number;
  /** What the reply is to name; 0 if none is wanted. */
  readonly id: number;
  /** Bits of `Flag`. */
  readonly flags: number;
  /** CBOR. */
  readonly head: Uint8Array;
  /** A message or a name. */
  readonly payload: Uint8Array;
}
