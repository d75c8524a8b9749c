import type { ForwardedRules } from "../admission/forwarded.ts";
import type { RateLimit } from "../admission/rate_meter.ts";
import type { Unfinished } from "../admission/unfinished.ts";
import type { ResolvedCloseCodes } from "../close_codes.ts";
import type { Refusal } from "../connection.ts";
import type { ClientSocket, SocketContext } from "./client_socket.ts";

/** What the sockets of one listener share if they carry messages. */
export interface MessageContext extends SocketContext, ForwardedRules {
  /** Most bytes of one message from a client. */
  readonly maxMessage: number;
  /** Milliseconds within which a handshake must be complete. */
  readonly handshakeTimeout: number;
  /** How much a client may send; `undefined` for any amount. */
  readonly rate: RateLimit | undefined;
  /** With which codes clients are closed. */
  readonly closeCodes: ResolvedCloseCodes;
  /** Counts the bytes of unfinished messages. */
  readonly unfinished: Unfinished;
  /** Whether every connection begins with a proxy's header. */
  readonly proxyProtocol: boolean;
  /** Whether that header is still to be read: before TLS it was read already. */
  readonly awaitsProxy: boolean;
  /**
   * Counts a client in, since it is known now where it comes from. Called at most
   * once for each.
   *
   * @returns Why there may not be one more from there.
   */
  enterFrom(socket: ClientSocket, host: string): Refusal | undefined;
}
