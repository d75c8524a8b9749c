import { roomLogger } from "../observe/logger.ts";
import { acceptAll } from "./accept_loop.ts";
import type { ClientSocket, SocketContext } from "./client_socket.ts";
import type { Connection, ConnectionListener } from "./connection.ts";
import { frameProtocol } from "./frame.ts";
import { type ListenUrl, parseListenUrl, type Protocol } from "./listen_url.ts";
import { RefusedSocket } from "./refused_socket.ts";
import { StreamConnection, type StreamProtocol } from "./stream_connection.ts";
import { Sweep } from "./sweep.ts";
import { tcpProtocol } from "./tcp.ts";
import { textProtocol } from "./text.ts";
import { WebSocketConnection } from "./websocket.ts";

const logger = roomLogger("transport");

/** Refused clients that are let read their answer; the others are cut off. */
const MAX_REFUSED = 32;

/** Least milliseconds between two log lines about refused clients. */
const REFUSED_LOG_PERIOD = 1_000;

/** How often the sweep looks: often enough for the shortest time-out. */
const MIN_SWEEP_PERIOD = 5;
const MAX_SWEEP_PERIOD = 1_000;

const STREAM_PROTOCOLS: Record<Exclude<Protocol, "ws">, StreamProtocol> = {
  text: textProtocol,
  frame: frameProtocol,
  tcp: tcpProtocol,
};

/** Options for {@linkcode ClientListener}. */
export interface ClientListenerOptions {
  /**
   * Most bytes of one message from a client.
   *
   * @default {10_485_760}
   */
  maxMessage?: number;
  /**
   * Most bytes queued for a client; past it the client is closed with 4008.
   *
   * @default {1_024_000}
   */
  sendBuffer?: number;
  /**
   * Milliseconds within which a handshake must be complete.
   *
   * @default {10_000}
   */
  handshakeTimeout?: number;
  /**
   * Milliseconds that a closing connection may take to end.
   *
   * @default {5_000}
   */
  closeTimeout?: number;
  /**
   * Most clients at a time; those beyond it are refused.
   *
   * @default {Infinity}
   */
  maxConnections?: number;
  /**
   * Lets other processes listen on the same port; needs `--unstable-net`.
   *
   * @default {false}
   */
  reusePort?: boolean;
  /** Certificate chain for TLS, in PEM. */
  cert?: string;
  /** Private key for TLS, in PEM. */
  key?: string;
}

/**
 * Hands out who is told what happens on a connection that was just accepted. Called
 * before anything was read; must not throw.
 */
export type AcceptConnection = (connection: Connection) => ConnectionListener;

/** Accepts clients on one address, whatever they speak. */
export class ClientListener implements SocketContext, AsyncDisposable {
  readonly #listener: Deno.TcpListener | Deno.TlsListener;
  readonly #accept: AcceptConnection;
  readonly #maxConnections: number;
  readonly #sockets = new Set<ClientSocket>();
  readonly #finished = Promise.withResolvers<void>();
  #refusing = 0;
  #refusedSinceLog = 0;
  #lastRefusalLog = -Infinity;
  #isAccepting = true;
  #hasLoopEnded = false;

  /** What clients speak, and where. The port is the one asked for: see `addr`. */
  readonly url: ListenUrl;
  /** Watches handshakes and closes. */
  readonly sweep: Sweep;
  /** Most bytes of one message from a client. */
  readonly maxMessage: number;
  /** Most bytes queued for a client. */
  readonly sendBuffer: number;
  /** Milliseconds within which a handshake must be complete. */
  readonly handshakeTimeout: number;
  /** Milliseconds that a closing connection may take to end. */
  readonly closeTimeout: number;
  /** Resolves when the port is free again and the last connection has ended. */
  readonly finished: Promise<void> = this.#finished.promise;

  /**
   * Listens at once.
   *
   * @param url Such as `ws://0.0.0.0:8282`; see `parseListenUrl`.
   * @param options Limits and times.
   * @param accept Called for each client.
   * @throws {TypeError} If the URL cannot be read, or TLS lacks its certificate.
   * @throws {Deno.errors.AddrInUse} If somebody else listens there.
   */
  constructor(
    url: string,
    options: ClientListenerOptions,
    accept: AcceptConnection,
  ) {
    this.url = parseListenUrl(url);
    this.#accept = accept;
    this.maxMessage = options.maxMessage ?? 10_485_760;
    this.sendBuffer = options.sendBuffer ?? 1_024_000;
    this.handshakeTimeout = options.handshakeTimeout ?? 10_000;
    this.closeTimeout = options.closeTimeout ?? 5_000;
    this.#maxConnections = options.maxConnections ?? Infinity;
    this.#listener = listen(this.url, options);
    const shortest = Math.min(this.handshakeTimeout, this.closeTimeout);
    const period = Math.max(shortest / 4, MIN_SWEEP_PERIOD);
    this.sweep = new Sweep({ period: Math.min(period, MAX_SWEEP_PERIOD) });
    void this.#acceptAll();
  }

  /** The address it is dialled at; port `0` has become a real one. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr as Deno.NetAddr;
  }

  /** Clients connected now, those still in their handshake among them. */
  get connections(): number {
    return this.#sockets.size - this.#refusing;
  }

  /** Accepts no further client; those connected stay. Safe to call twice. */
  close(): void {
    if (!this.#isAccepting) return;
    this.#isAccepting = false;
    this.#listener.close();
  }

  /** Closes, and destroys the connections that are left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    for (const socket of this.#sockets) socket.destroy();
    await this.finished;
  }

  /** Forgets a socket. Its connection calls this when it is gone. */
  onEnd(socket: ClientSocket): void {
    this.#sockets.delete(socket);
    if (socket instanceof RefusedSocket) this.#refusing--;
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (!this.#hasLoopEnded || this.#sockets.size > 0) return;
    this.sweep[Symbol.dispose]();
    this.#finished.resolve();
  }

  async #acceptAll(): Promise<void> {
    await acceptAll<Deno.TcpConn | Deno.TlsConn>(
      this.#listener,
      (stream) => this.#take(stream),
    );
    this.#hasLoopEnded = true;
    this.#finishIfDone();
  }

  #take(stream: Deno.TcpConn | Deno.TlsConn): void {
    if (this.connections >= this.#maxConnections) return this.#refuse(stream);
    if ("setNoDelay" in stream) setNoDelay(stream);
    const connection = this.url.protocol === "ws"
      ? new WebSocketConnection(stream, this)
      : new StreamConnection(STREAM_PROTOCOLS[this.url.protocol], stream, this);
    this.#sockets.add(connection);
    const listener = this.#accept(connection);
    if ("handshake" in stream) {
      this.sweep.watch(connection, this.handshakeTimeout);
      void openAfterTls(stream, connection, listener);
    } else connection.open(listener);
  }

  #refuse(stream: Deno.TcpConn | Deno.TlsConn): void {
    this.#logRefusal();
    const canAnswer = this.url.protocol === "ws" && !this.url.tls;
    if (!canAnswer || this.#refusing >= MAX_REFUSED) return stream.close();
    this.#refusing++;
    const socket = new RefusedSocket(stream, this);
    this.#sockets.add(socket);
    socket.refuse();
  }

  #logRefusal(): void {
    this.#refusedSinceLog++;
    const now = performance.now();
    if (now - this.#lastRefusalLog < REFUSED_LOG_PERIOD) return;
    logger.warn("Refused {refused} clients with 503: {limit} are connected", {
      refused: this.#refusedSinceLog,
      limit: this.#maxConnections,
    });
    this.#lastRefusalLog = now;
    this.#refusedSinceLog = 0;
  }
}

function listen(
  { hostname, port, tls }: ListenUrl,
  { reusePort, cert, key }: ClientListenerOptions,
): Deno.TcpListener | Deno.TlsListener {
  // Without --unstable-net the runtime ends at the mere sight of reusePort.
  const address = reusePort
    ? { hostname, port, reusePort }
    : { hostname, port };
  if (!tls) return Deno.listen(address);
  if (cert === undefined || key === undefined) {
    throw new TypeError(
      "Cannot listen as TLS needs a certificate and its key: one of them is missing",
    );
  }
  return Deno.listenTls({ ...address, cert, key });
}

function setNoDelay(stream: Deno.TcpConn): void {
  try {
    stream.setNoDelay(true);
  } catch {
    // The client left between accept and here: the first read will say so.
  }
}

/** Never rejects. A client that cannot shake hands was never connected. */
async function openAfterTls(
  stream: Deno.TlsConn,
  connection: WebSocketConnection | StreamConnection,
  listener: ConnectionListener,
): Promise<void> {
  try {
    await stream.handshake();
    if (!connection.isEnded) connection.open(listener);
  } catch {
    // Not TLS, not in time, or gone: nothing of ours was said to it yet.
    connection.destroy();
  }
}
