import { messageOf, ProtocolError } from "../base/errors.ts";
import { encodeBody } from "../wire/body.ts";
import { Command } from "../wire/command.ts";
import type { Link } from "../link/link.ts";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";

const logger = roomLogger("worker");

/** What a gateway tells of the client cannot be read. It is no fault of the client's. */
const CLOSE_UNREADABLE = encodeBody({
  code: 1011,
  reason: "client state cannot be read",
});

/**
 * Clients of one gateway of which nothing can be read, and so nothing is handled. That
 * costs them their connection, and nobody else anything.
 */
export class TurnedAway {
  readonly #clients = new Set<number>();
  readonly #limited = new RateLimitedLog();

  /** Whether a client was turned away, and its end has not come yet. */
  has(connectionId: number): boolean {
    return this.#clients.size > 0 && this.#clients.has(connectionId);
  }

  /** Handles nothing of a client any more. */
  add(connectionId: number): void {
    this.#clients.add(connectionId);
  }

  /** Nothing more comes of a client. */
  delete(connectionId: number): void {
    this.#clients.delete(connectionId);
  }

  /**
   * Reads something that a gateway tells of a client; closes the client if it cannot
   * be read.
   */
  read<Value>(
    link: Link,
    connectionId: number,
    decode: () => Value,
  ): Value | undefined {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#log(link, connectionId, error);
      if (link.isOpen) {
        const { CloseClient } = Command;
        link.sendHeaded(CloseClient, connectionId, 0, CLOSE_UNREADABLE);
      }
      return undefined;
    }
  }

  #log({ peer }: Link, connectionId: number, error: ProtocolError): void {
    const reason = messageOf(error);
    this.#limited.once(reason, (suppressed) => {
      logger.error(
        "Cannot read what gateway {gateway} tells of connection {connection}, closed it: {reason} ({suppressed} like this before)",
        { gateway: peer.address, connection: connectionId, reason, suppressed },
      );
    });
  }
}
