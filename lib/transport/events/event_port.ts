import type { Connection, ConnectionListener } from "../connection.ts";
import type { ByteStream } from "../socket/client_socket.ts";

/** What a listener has to do with streams. */
export interface EventPort {
  /** Pages that may use them; empty for all. */
  readonly origins: readonly string[];
  /** Most bytes of a message. */
  readonly maxMessage: number;
  /**
   * A stream has begun: takes it for a socket that was accepted.
   *
   * @param guest Who was told of the connection that its first request came on.
   */
  open(stream: ByteStream, guest: ConnectionListener | undefined): Connection;
}
