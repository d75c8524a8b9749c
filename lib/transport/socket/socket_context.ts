import type { AddressSet } from "../admission/address_set.ts";
import type { ClientSocket } from "./client_socket.ts";
import type { RateLimit } from "../admission/rate_meter.ts";
import type { Sweep } from "../admission/sweep.ts";
import type { Throttle } from "../admission/throttle.ts";
import type { Unfinished } from "../admission/unfinished.ts";
import type { SharedDeflate } from "../websocket/deflate/websocket_deflate.ts";
import type { HandshakeRules } from "../websocket/websocket_handshake.ts";
import type { WriteWindow } from "../outgoing/write_window.ts";

/** What the sockets of one listener share. */
export interface SocketContext {
  /** Watches handshakes and closes. */
  readonly sweep: Sweep;
  /** Most bytes of one message from a client. */
  readonly maxMessage: number;
  /** Most bytes queued for a client. */
  readonly sendBuffer: number;
  /** When a client is written to again; `undefined` for at once. */
  readonly writeWindow: WriteWindow | undefined;
  /** Milliseconds within which a handshake must be complete. */
  readonly handshakeTimeout: number;
  /** Milliseconds that a closing connection may take to end. */
  readonly closeTimeout: number;
  /** Milliseconds within which `onRequest` must have decided. */
  readonly authorizeTimeout: number;
  /** What a WebSocket handshake must be like. */
  readonly rules: HandshakeRules;
  /** Compresses WebSocket messages; `undefined` if nothing does. */
  readonly deflate: SharedDeflate | undefined;
  /** How much a client may send; `undefined` for any amount. */
  readonly rate: RateLimit | undefined;
  /** Looks after clients that sent too fast. */
  readonly throttle: Throttle;
  /** Counts the bytes of unfinished messages. */
  readonly unfinished: Unfinished;
  /** Proxies whose word on where clients come from is taken. */
  readonly trusted: AddressSet;
  /** Whether every connection begins with a proxy's header. */
  readonly proxyProtocol: boolean;
  /**
   * Counts a client in, since it is known now where it comes from. Called at most
   * once for each.
   *
   * @returns Whether there may be one more from there.
   */
  enterFrom(socket: ClientSocket, host: string): boolean;
  /** A socket is gone. Called once for each. */
  onEnd(socket: ClientSocket): void;
}
