import type {
  CloseReason,
  Connection,
  Meter,
  SendResult,
} from "../connection.ts";

/** A WebSocket whose session may outlive it. */
export interface LastingSocket extends Connection {
  /** Measures how fast the client sends, where that is limited. */
  meter: Meter | undefined;
  /** Sends `bytes[start, end)` past the encoder; all of them if left out. */
  sendRaw(bytes: Uint8Array, start?: number, end?: number): SendResult;
  /** Sends a whole frame, kept, whether or not there is room for it. */
  sendBeyond(frame: Uint8Array): void;
  /** The client broke a rule: it is told so, and ends. */
  onFault(reason: CloseReason): void;
  /** Gives the client so many milliseconds, then `onLate` is called; none for all. */
  giveTime(timeout: number | undefined): void;
}
