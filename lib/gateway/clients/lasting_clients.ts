import type { ConnectionLimit } from "../../transport/admission/connection_limit.ts";
import { EventStreams } from "../../transport/events/event_streams.ts";
import { LastingConnections } from "../../transport/lasting/lasting_connections.ts";
import type { ResolvedClientOptions } from "./client_options.ts";

/** What {@linkcode LastingClients} are made of. */
export interface LastingClientsParts {
  /** The first 12 hex digits of the ids of this gateway's clients. */
  readonly gatewayId: string;
  /** The cluster's keys, the one in use first. */
  readonly keys: () => readonly string[];
  /** Counts clients. */
  readonly limit: ConnectionLimit;
}

/** The clients of a gateway whose sessions outlive their sockets, if any do. */
export class LastingClients implements Disposable {
  /** Their sessions. */
  readonly sessions: LastingConnections | undefined;
  /** Those of them that have no WebSocket. */
  readonly events: EventStreams | undefined;

  /** Creates those of one gateway. */
  constructor(
    { resume, acceptRate, handshakeTimeout, authorizeTimeout }:
      & Pick<
        ResolvedClientOptions,
        "resume" | "handshakeTimeout" | "authorizeTimeout"
      >
      & { readonly acceptRate: number },
    { gatewayId, keys, limit }: LastingClientsParts,
  ) {
    if (resume === undefined) return;
    const tokens = { gatewayId, keys };
    this.sessions = new LastingConnections({
      ...resume,
      acceptRate,
      helloTimeout: handshakeTimeout,
      authorizeTimeout,
      tokens,
      limit,
    });
    if (resume.eventStreams) this.events = new EventStreams(tokens);
  }

  /** Frees what they hold. */
  [Symbol.dispose](): void {
    this.sessions?.[Symbol.dispose]();
    this.events?.[Symbol.dispose]();
  }
}
