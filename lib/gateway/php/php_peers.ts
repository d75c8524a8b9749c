import { formatAddress, isLoopback } from "../../base/address.ts";
import { HandshakeError, ProtocolError } from "../../base/errors.ts";
import { messageOf, nameOf } from "../../base/thrown.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import type { PhpPacket } from "../../php/packet.ts";
import type { ByteStream, PeerStream } from "../../peer/byte_stream.ts";
import type { Refusals } from "../../peer/refusals.ts";
import type { LinkedPeer } from "../../link/linked_peer.ts";
import type { FanOut } from "../commands/fan_out.ts";
import type { ClientTable } from "../clients/client_table.ts";
import { EventStream } from "./event_stream.ts";
import { PhpCommands } from "./php_commands.ts";
import { PhpConnection, type PhpConnectionOwner } from "./php_connection.ts";
import { PhpEvents } from "./php_events.ts";
import { PhpFigures } from "./php_figures.ts";
import { PhpQueries } from "./php_queries.ts";
import { PhpSessions } from "./php_sessions.ts";

const logger = roomLogger("gateway");

/** Most connections of nodes of the original. */
const MAX_CONNECTIONS = 10_000;

/** What {@linkcode PhpPeers} work with. */
export interface PhpPeersParts {
  /** The key that nodes of the original show; empty for none. */
  readonly secretKey: string;
  /** Most bytes of one session. */
  readonly maxSession: number;
  /** The gateway's clients. */
  readonly table: ClientTable;
  /** Sends to clients. */
  readonly fanOut: FanOut;
  /** Takes those who are turned away. */
  readonly refusals: Refusals;
  /** Where workers reach the gateway. */
  readonly lan: { readonly hostname: string; readonly port: number };
  /** Ports of the gateway's listeners, in their order. */
  readonly ports: () => readonly number[];
  /** A worker came, for which somebody translates. */
  open(conn: ByteStream, peer: LinkedPeer): void;
}

/** A worker of the original. */
interface Worker {
  readonly connection: PhpConnection;
  readonly stream: EventStream;
}

/** Nodes of the original that are connected to a gateway. */
export class PhpPeers implements PhpConnectionOwner, Disposable {
  /** What passed between them and the gateway. */
  readonly figures: PhpFigures = new PhpFigures();
  readonly #parts: PhpPeersParts;
  readonly #commands: PhpCommands;
  readonly #queries: PhpQueries;
  readonly #events: PhpEvents;
  readonly #limited = new RateLimitedLog();
  readonly #connections = new Set<PhpConnection>();
  /** The workers by host, name and id, which is how the original knows them. */
  readonly #workers = new Map<string, Worker>();
  #isClosed = false;

  /** Nobody is connected yet. */
  constructor(parts: PhpPeersParts) {
    const { table, fanOut, maxSession } = parts;
    const sessions = new PhpSessions(maxSession);
    this.#parts = parts;
    this.#commands = new PhpCommands({ table, fanOut, sessions });
    this.#queries = new PhpQueries(table, sessions);
    this.#events = new PhpEvents({ ...parts, sessions });
  }

  /** The key that they show. */
  get secretKey(): string {
    return this.#parts.secretKey;
  }

  /**
   * Takes somebody who begins as no node of ours does.
   *
   * @param first What came of it.
   * @throws {ProtocolError} If it is no node of the original.
   * @throws {HandshakeError} If it does not know the key, or there are too many.
   */
  async receive(conn: PeerStream, first: Uint8Array): Promise<void> {
    if (this.#connections.size >= MAX_CONNECTIONS) {
      throw new HandshakeError(
        `Cannot accept a PHP node as there must be at most ${MAX_CONNECTIONS} connections of them: there are as many`,
      );
    }
    const connection = new PhpConnection(conn, this);
    this.#connections.add(connection);
    this.#count();
    try {
      await connection.begin(first);
    } catch (error) {
      this.#forget(connection);
      throw error;
    }
    void this.#serve(connection);
  }

  /** It wants the events of clients; another one of its name has to go. */
  onWorker(connection: PhpConnection, name: string): void {
    const key = `${connection.host}:${name}`;
    const before = this.#workers.get(key);
    if (before?.connection === connection) return;
    const known = [...this.#workers.values()];
    if (known.some((worker) => worker.connection === connection)) {
      throw new ProtocolError(
        "Cannot take a PHP node for two workers: it has said another name before",
      );
    }
    if (before !== undefined) {
      logger.warn(
        "PHP worker {key} came twice: its older link is closed. Workers of one host need names of their own",
        { key },
      );
      before.connection.close();
      this.#lose(key, before);
    }
    const stream = new EventStream({
      events: this.#events,
      send: (bytes) => connection.send(bytes),
      close: () => connection.close(),
      onHanded: (count) => this.figures.handed += count,
      pings: !isLoopback(this.#parts.lan.hostname),
    });
    this.#workers.set(key, { connection, stream });
    this.#count();
    this.#parts.open(stream, {
      role: "worker",
      name: name.replace(/:\d+$/, ""),
      instance: key,
      address: formatAddress({
        hostname: connection.host,
        port: connection.port,
      }),
      version: 2,
      isOriginal: true,
    });
  }

  /** Does what a packet asks for, or says why not. */
  onCommand(
    connection: PhpConnection,
    packet: PhpPacket,
  ): Uint8Array | undefined {
    try {
      const answer = this.#queries.answer(packet);
      if (answer !== undefined || this.#commands.run(packet)) return answer;
      throw new TypeError("this gateway does not know it");
    } catch (error) {
      this.#warn(connection, packet.command, error);
      return undefined;
    }
  }

  /** Ends all connections. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const connection of this.#connections) connection.close();
  }

  async #serve(connection: PhpConnection): Promise<void> {
    try {
      if (!this.#isClosed) await connection.serve();
    } catch (error) {
      // A lost connection is no news: PHP closes with answers unread.
      const isFault = error instanceof ProtocolError ||
        error instanceof HandshakeError;
      if (isFault && !this.#isClosed) {
        this.#parts.refusals.add(connection.host, error);
      }
    }
    this.#forget(connection);
  }

  #forget(connection: PhpConnection): void {
    connection.close();
    this.#connections.delete(connection);
    for (const [key, worker] of this.#workers) {
      if (worker.connection === connection) this.#lose(key, worker);
    }
    this.#count();
  }

  #lose(key: string, { stream }: Worker): void {
    this.#workers.delete(key);
    const { recent } = stream;
    this.figures.lost += recent;
    if (recent > 0 && !this.#isClosed) {
      logger.warn(
        "PHP worker {key} is gone: it may not have come to the last {recent} events that it was handed, which nobody handles again",
        { key, recent },
      );
    }
    stream.end();
  }

  #count(): void {
    this.figures.workers = this.#workers.size;
    this.figures.programs = this.#connections.size - this.#workers.size;
  }

  #warn(connection: PhpConnection, command: number, error: unknown): void {
    const reason = messageOf(error);
    const { host } = connection;
    const cause = `${host} ${command} ${nameOf(error)}`;
    this.#limited.once(cause, (suppressed) => {
      logger.warn(
        "Ignored command {command} of PHP node {host}: {reason} ({suppressed} like this before)",
        { command, host, reason, suppressed },
      );
    });
  }
}
