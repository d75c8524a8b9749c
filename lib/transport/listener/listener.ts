import type { SecureContext } from "node:tls";
import { acceptAll } from "../../base/accept_loop.ts";
import { messageOf } from "../../base/errors.ts";
import { roomLogger } from "../../observe/logger.ts";
import type { ByteStream, ClientSocket } from "../socket/client_socket.ts";
import {
  CLOSE_IDLE,
  type Connection,
  type ConnectionListener,
  type Refusal,
} from "../connection.ts";
import type { ConnectionLimit } from "../admission/connection_limit.ts";
import { frameProtocol } from "../protocols/frame.ts";
import {
  type ListenUrl,
  parseListenUrl,
  type Protocol,
} from "../listen_url.ts";
import {
  type ClientListenerOptions,
  resolveListenerOptions,
} from "./listener_options.ts";
import {
  createListenerContext,
  type ListenerContext,
} from "./listener_context.ts";
import { OpenSockets } from "./open_sockets.ts";
import { streamProtocolOf } from "./message_protocol.ts";
import { RefusalLog } from "../admission/refusal_log.ts";
import { FULL, TOO_MANY } from "../admission/refusal_answers.ts";
import { RefusedSocket } from "./refused_socket.ts";
import {
  StreamConnection,
  type StreamProtocol,
} from "../socket/stream_connection.ts";
import { tcpProtocol } from "../protocols/tcp.ts";
import { textProtocol } from "../protocols/text.ts";
import {
  type Certificate,
  readCertificate,
  TlsClientStream,
} from "../socket/tls_client_stream.ts";
import { WebSocketConnection } from "../websocket/websocket.ts";

const logger = roomLogger("transport");

/** Refused clients that are let read their answer; the others are cut off. */
const MAX_REFUSED = 32;

const STREAM_PROTOCOLS: Record<Exclude<Protocol, "ws">, StreamProtocol> = {
  text: textProtocol,
  frame: frameProtocol,
  tcp: tcpProtocol,
};

/**
 * Hands out who is told what happens on a connection that was just accepted. Called
 * before anything was read; must not throw.
 */
export type AcceptConnection = (connection: Connection) => ConnectionListener;

type ClientConnection = WebSocketConnection | StreamConnection;

/** Accepts clients on one address, whatever they speak. */
export class ClientListener implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #accept: AcceptConnection;
  readonly #limit: ConnectionLimit;
  readonly #protocol: StreamProtocol | undefined;
  readonly #sockets: OpenSockets;
  readonly #context: ListenerContext;
  readonly #finished = Promise.withResolvers<void>();
  readonly #refusalLog = new RefusalLog();
  #secureContext: SecureContext | undefined;
  #accepting: "going on" | "closing" | "over" = "going on";

  /** What clients speak, and where. The port is the one asked for: see `addr`. */
  readonly url: ListenUrl;

  /**
   * Listens at once.
   *
   * @param url Such as `ws://0.0.0.0:8282`; see `parseListenUrl`.
   * @param options Limits and times.
   * @param accept Called for each client.
   * @throws {TypeError} If the URL or a range of addresses cannot be read, or TLS
   *   lacks its certificate.
   * @throws {RangeError} If compression is asked for in a way that there is not.
   * @throws {Deno.errors.AddrInUse} If somebody else listens there.
   */
  constructor(
    url: string,
    options: ClientListenerOptions,
    accept: AcceptConnection,
  ) {
    this.url = parseListenUrl(url);
    this.#accept = accept;
    const settings = resolveListenerOptions(options);
    this.#protocol = protocolOf(this.url, options);
    this.#secureContext = secureContextOf(this.url, options);
    this.#listener = listen(this.url, options);
    this.#limit = settings.connectionLimit;
    this.#sockets = new OpenSockets(this.#limit);
    this.#context = createListenerContext(settings, {
      enterFrom: (socket, host) => this.#sockets.enterFrom(socket, host),
      onEnd: (socket) => this.#forget(socket),
      onIdleLook: (idleTicks) => closeIdle(this.#sockets, idleTicks),
    });
    void this.#acceptAll();
  }

  /** The address it is dialled at; port `0` has become a real one. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr as Deno.NetAddr;
  }

  /** Clients connected now, those still in their handshake among them. */
  get connections(): number {
    return this.#sockets.size - this.#sockets.refused;
  }

  /** Messages compressed so far. */
  get compressions(): number {
    return this.#context.deflate?.compressions ?? 0;
  }

  /** Resolves when the port is free again and the last connection has ended. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /**
   * Reads another certificate to prove its name with to new clients.
   *
   * @returns What puts it in use. Clients that are connected stay either way.
   * @throws {TypeError} If it cannot be read, or is not made for the key.
   */
  prepare(certificate: Certificate): () => void {
    const context = this.url.tls ? readCertificate(certificate) : undefined;
    return () => this.#secureContext = context;
  }

  /** Accepts no further client; those connected stay. Safe to call twice. */
  close(): void {
    if (this.#accepting !== "going on") return;
    this.#accepting = "closing";
    this.#listener.close();
  }

  /** Closes, and destroys the connections that are left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    for (const socket of this.#sockets) socket.destroy();
    await this.finished;
  }

  #forget(socket: ClientSocket): void {
    this.#sockets.delete(socket);
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#accepting !== "over" || this.#sockets.size > 0) return;
    this.#context[Symbol.dispose]();
    this.#finished.resolve();
  }

  async #acceptAll(): Promise<void> {
    const failed = (error: unknown, delay: number) =>
      logger.warn("Cannot accept, trying again in {delay} ms: {message}", {
        delay,
        message: messageOf(error),
      });
    for await (const stream of acceptAll(this.#listener, { failed })) {
      this.#take(stream);
    }
    this.#accepting = "over";
    this.#finishIfDone();
  }

  #take(stream: Deno.TcpConn): void {
    if (!this.#limit.hasRoom) {
      this.#refusalLog.note(this.#limit.maxConnections);
      return this.#refuse(stream, FULL);
    }
    const { proxyProtocol, trusted } = this.#context;
    const host = (stream.remoteAddr as Deno.NetAddr).hostname;
    const isProxy = trusted.has(host);
    if (proxyProtocol && !isProxy && !trusted.isEmpty) return stream.close();
    const tellsLater = proxyProtocol ||
      (isProxy && this.#protocol === undefined);
    this.#tune(stream);
    const secure = this.#secureContext === undefined
      ? undefined
      : new TlsClientStream(stream, this.#secureContext);
    const connection = this.#connect(secure ?? stream);
    if (!tellsLater && !this.#sockets.enterFrom(connection, host)) {
      return this.#refuse(stream, TOO_MANY);
    }
    this.#sockets.add(connection);
    const listener = this.#accept(connection);
    if (secure === undefined) return connection.open(listener);
    const { sweep, handshakeTimeout } = this.#context;
    sweep.watch(connection, handshakeTimeout);
    void openAfterTls(secure, connection, listener);
  }

  #tune(stream: Deno.TcpConn): void {
    try {
      stream.setNoDelay(true);
      // Who is never pinged would stay for ever when its machine is gone.
      if (this.#protocol !== undefined) stream.setKeepAlive(true);
    } catch {
      // The client left between accept and here: the first read will say so.
    }
  }

  #connect(stream: ByteStream): ClientConnection {
    return this.#protocol === undefined
      ? new WebSocketConnection(stream, this.#context)
      : new StreamConnection(this.#protocol, stream, this.#context);
  }

  #refuse(stream: Deno.TcpConn, refusal: Refusal): void {
    const canAnswer = this.#protocol === undefined && !this.url.tls;
    if (!canAnswer || this.#sockets.refused >= MAX_REFUSED) {
      return stream.close();
    }
    const socket = new RefusedSocket(stream, this.#context);
    this.#sockets.add(socket);
    socket.refuse(refusal);
  }
}

function closeIdle(sockets: OpenSockets, idleTicks: number): void {
  for (const socket of sockets) {
    if (socket instanceof RefusedSocket) continue;
    const connection = socket as ClientConnection;
    if (connection.lookIdle() > idleTicks) connection.close(CLOSE_IDLE);
  }
}

function protocolOf(
  { protocol }: ListenUrl,
  options: ClientListenerOptions,
): StreamProtocol | undefined {
  if (options.protocol !== undefined) return streamProtocolOf(options.protocol);
  return protocol === "ws" ? undefined : STREAM_PROTOCOLS[protocol];
}

function secureContextOf(
  { tls }: ListenUrl,
  { cert, key }: ClientListenerOptions,
): SecureContext | undefined {
  if (!tls) return undefined;
  if (cert === undefined || key === undefined) {
    throw new TypeError(
      "Cannot listen as TLS needs a certificate and its key: one of them is missing",
    );
  }
  return readCertificate({ cert, key });
}

function listen(
  { hostname, port }: ListenUrl,
  { reusePort }: ClientListenerOptions,
): Deno.TcpListener {
  // Without --unstable-net the runtime ends at the mere sight of reusePort.
  return Deno.listen(
    reusePort ? { hostname, port, reusePort } : { hostname, port },
  );
}

/** Never rejects. A client that cannot shake hands was never connected. */
async function openAfterTls(
  stream: TlsClientStream,
  connection: ClientConnection,
  listener: ConnectionListener,
): Promise<void> {
  try {
    await stream.handshake;
    if (!connection.isEnded) connection.open(listener);
  } catch {
    // Not TLS, not in time, or gone: nothing of ours was said to it yet.
    connection.destroy();
  }
}
