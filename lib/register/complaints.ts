import { messageOf, ProtocolError } from "../base/errors.ts";
import type { Refusals } from "../peer/refusals.ts";
import { type Logger, RateLimitedLog } from "../observe/logger.ts";
import type { Peer } from "./peer.ts";

/** Longest part of a line that is given back to whoever sent it. */
const MAX_ECHO = 200;

const encoder = new TextEncoder();

/** What a Register has against peers: each is counted, one of a kind is logged. */
export class Complaints {
  readonly #logger: Logger;
  readonly #refusals: Refusals;
  readonly #limited = new RateLimitedLog();

  /**
   * @param logger Takes the lines.
   * @param refusals Counts, together with those who did not come this far.
   */
  constructor(logger: Logger, refusals: Refusals) {
    this.#logger = logger;
    this.#refusals = refusals;
  }

  /**
   * There was no room for one more peer.
   *
   * @param maxConnections Most connections.
   * @param stranger Who had to go; `undefined` if it was the new peer.
   */
  full(maxConnections: number, stranger: Peer | undefined): void {
    if (stranger !== undefined) {
      const reason =
        `it had not said what it is, and all ${maxConnections} connections are in use`;
      return void this.refuse(stranger, reason);
    }
    this.#refusals.count++;
    this.#limited.once("full", (suppressed) =>
      this.#logger.warn(
        "Closed a new peer at once: all {maxConnections} connections are in use",
        { maxConnections, suppressed },
      ));
  }

  /**
   * A peer is to be closed without a word, as the protocol asks.
   *
   * @param kind What such peers have in common, if part of the reason is theirs to choose.
   */
  refuse({ connection }: Peer, reason: string, kind = reason): false {
    const { remoteAddress, remoteHostname } = connection;
    this.#refusals.count++;
    this.#limited.once(
      `${kind} ${remoteHostname}`,
      (suppressed) =>
        this.#logger.warn(
          "Refused {remoteAddress}: {reason}; closed its link",
          { remoteAddress, reason, suppressed },
        ),
    );
    return false;
  }

  /**
   * A peer is to be closed with a line for whoever is puzzled at the other end.
   *
   * @param error What its line led to; a `ProtocolError` if that is the line's fault.
   */
  rebuke(peer: Peer, error: unknown, line: string): false {
    const reason = error instanceof ProtocolError
      ? messageOf(error)
      : `Cannot take line: ${messageOf(error)}`;
    const { remoteHostname } = peer.connection;
    const echo = line.slice(0, MAX_ECHO);
    peer.connection.send(encoder.encode(
      `Bad request for Register. ${reason} (IP:${remoteHostname}, Request:${echo})\n`,
    ));
    return this.refuse(peer, reason);
  }
}
