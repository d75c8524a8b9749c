import { acceptAll } from "../../base/accept_loop.ts";
import { messageOf } from "../../base/errors.ts";
import { TlsStream } from "../../base/tls_stream.ts";
import { roomLogger } from "../../observe/logger.ts";
import type { ByteStream } from "../socket/client_socket.ts";
import { closeReason } from "../close_codes.ts";
import type { Connection, ConnectionListener, Refusal } from "../connection.ts";
import type { ConnectionLimit } from "../admission/connection_limit.ts";
import { frameProtocol } from "../protocols/frame.ts";
import {
  type ListenUrl,
  parseListenUrl,
  type Protocol,
} from "../listen_url.ts";
import { type Certificate, checkCertificate } from "./certificate.ts";
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
import { RefusalBudget } from "../admission/refusal_budget.ts";
import { RefusalLog } from "../admission/refusal_log.ts";
import { FULL } from "../admission/refusal_answers.ts";
import {
  StreamConnection,
  type StreamProtocol,
} from "../socket/stream_connection.ts";
import { tcpProtocol } from "../protocols/tcp.ts";
import { textProtocol } from "../protocols/text.ts";
import { TlsAcceptor } from "./tls_acceptor.ts";
import { TlsArrival } from "./tls_arrival.ts";
import { TurnedAway } from "../admission/turned_away.ts";
import type { WebSocketContext } from "../websocket/websocket_context.ts";
import { WebSocketConnection } from "../websocket/websocket.ts";

const logger = roomLogger("transport");

/** Milliseconds of silence after which the system asks whether a client is there. */
const KEEP_ALIVE_DELAY = 60_000;

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
  readonly #plain: Deno.TcpListener | undefined;
  readonly #tls: TlsAcceptor | undefined;
  readonly #accept: AcceptConnection;
  readonly #limit: ConnectionLimit;
  readonly #protocol: StreamProtocol | undefined;
  readonly #sockets: OpenSockets<ClientConnection | TlsArrival>;
  readonly #context: ListenerContext;
  /** The same for clients that come without a WebSocket. */
  readonly #streamContext: WebSocketContext;
  readonly #finished = Promise.withResolvers<void>();
  readonly #refusalLog = new RefusalLog();
  readonly #refusals = new RefusalBudget();
  #accepting: "going on" | "closing" | "over" = "going on";

  /** What clients speak, and where. The port is the one asked for: see `addr`. */
  readonly url: ListenUrl;

  /**
   * Resolves when it listens: without TLS it does at once. Rejects with
   * `Deno.errors.AddrInUse` if, with TLS, somebody else listens there.
   */
  readonly listening: Promise<void>;

  /**
   * Begins to listen.
   *
   * @param url Such as `ws://0.0.0.0:8282`; see `parseListenUrl`.
   * @param options Limits and times.
   * @param accept Called for each client.
   * @throws {TypeError} If the URL or a range of addresses cannot be read, or TLS
   *   lacks its certificate.
   * @throws {RangeError} If compression is asked for in a way that there is not.
   * @throws {Deno.errors.AddrInUse} If, without TLS, somebody else listens there.
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
    this.#tls = this.url.tls
      ? tlsAcceptor(options, settings.handshakeTimeout)
      : undefined;
    this.#plain = this.url.tls ? undefined : listen(this.url, options);
    this.#limit = settings.connectionLimit;
    this.#sockets = new OpenSockets(this.#limit);
    this.#context = createListenerContext({ ...settings, tls: this.url.tls }, {
      enterFrom: (socket, host) =>
        this.#sockets.enterFrom(socket as ClientConnection, host),
      onEnd: (socket) => this.#forget(socket as ClientConnection),
      onIdleLook: (idleTicks) => this.#closeIdle(idleTicks),
      openStream: (stream, guest) => this.#takeStream(stream, guest),
    });
    this.#streamContext = {
      ...this.#context,
      awaitsProxy: false,
      visits: undefined,
    };
    this.listening = this.#listen(options);
  }

  /** The address it is dialled at; port `0` has become a real one. */
  get addr(): Deno.NetAddr {
    return (this.#tls ?? this.#plain)?.addr as Deno.NetAddr;
  }

  /** Clients connected now, those still in their handshake among them. */
  get connections(): number {
    return this.#sockets.size - this.#sockets.uncounted;
  }

  /** Whether one more client may come: after `close` one that the system had accepted. */
  get isAccepting(): boolean {
    return this.#accepting !== "over";
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
    if (this.#tls !== undefined) checkCertificate(certificate);
    return () => this.#tls?.renew(certificate);
  }

  /** Accepts no further client; those connected stay. Safe to call twice. */
  close(): void {
    if (this.#accepting !== "going on") return;
    this.#accepting = "closing";
    this.#plain?.close();
    this.#tls?.close();
    if (this.#tls !== undefined) this.#acceptsNoMore();
  }

  /** Closes, and destroys the connections that are left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    for (const socket of this.#sockets) socket.destroy();
    await this.finished;
  }

  #closeIdle(idleTicks: number): void {
    const reason = closeReason("idle", this.#context.closeCodes);
    for (const socket of this.#sockets) {
      if (socket instanceof TlsArrival) continue;
      if (socket.lookIdle() > idleTicks) socket.close(reason);
    }
  }

  #forget(socket: ClientConnection | TlsArrival): void {
    this.#sockets.delete(socket);
    this.#finishIfDone();
  }

  #acceptsNoMore(): void {
    this.#accepting = "over";
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#accepting !== "over" || this.#sockets.size > 0) return;
    this.#context[Symbol.dispose]();
    this.#finished.resolve();
  }

  async #listen({ reusePort = false }: ClientListenerOptions): Promise<void> {
    if (this.#plain !== undefined) return void this.#acceptAll(this.#plain);
    try {
      await this.#tls?.listen(this.url, {
        reusePort,
        accepted: (raw) => this.#takeSecure(new TlsArrival(raw)),
        failed: (error) =>
          logger.warn("Cannot accept a client: {message}", {
            message: messageOf(error),
          }),
      });
    } catch (error) {
      this.#acceptsNoMore();
      throw error;
    }
  }

  async #acceptAll(listener: Deno.TcpListener): Promise<void> {
    const failed = (error: unknown, delay: number) =>
      logger.warn("Cannot accept, trying again in {delay} ms: {message}", {
        delay,
        message: messageOf(error),
      });
    for await (const stream of acceptAll(listener, { failed })) {
      this.#take(stream);
    }
    this.#acceptsNoMore();
  }

  #take(stream: Deno.TcpConn): void {
    const { hostname: host } = stream.remoteAddr as Deno.NetAddr;
    const isFull = !this.#limit.hasRoom;
    const refusal = isFull ? this.#full() : undefined;
    if (!this.#mayConnect(host) || (isFull && !this.#mayTell())) {
      return stream.close();
    }
    this.#tune(stream);
    const connection = this.#connect(stream);
    if (refusal !== undefined) return this.#turnAway(connection, refusal);
    const { proxyProtocol } = this.#context;
    const whyNot = proxyProtocol ? undefined : this.#whyNot(connection, host);
    if (whyNot === undefined) {
      this.#sockets.add(connection);
      this.#open(connection);
    } else if (this.#mayTell()) this.#turnAway(connection, whyNot);
    else stream.close();
  }

  #takeSecure(arrival: TlsArrival): void {
    const { sweep, handshakeTimeout } = this.#context;
    const refusal = this.#limit.hasRoom ? undefined : this.#full();
    const mayConnect = this.#mayConnect(arrival.remoteAddr.hostname);
    if (!mayConnect || (refusal !== undefined && !this.#mayTell())) {
      return arrival.destroy();
    }
    if (refusal === undefined) this.#sockets.add(arrival);
    else this.#sockets.addRefused(arrival);
    sweep.watch(arrival, handshakeTimeout);
    void this.#bringIn(arrival, refusal);
  }

  /** Never rejects. A client that cannot shake hands was never connected. */
  async #bringIn(
    arrival: TlsArrival,
    full: Refusal | undefined,
  ): Promise<void> {
    let refusal = full;
    const { proxyProtocol, sweep } = this.#context;
    const isTold = !proxyProtocol || await arrival.readHeader();
    if (isTold && refusal === undefined) {
      refusal = this.#whyNot(arrival, arrival.remoteAddr.hostname);
      if (refusal !== undefined) this.#sockets.addRefused(arrival);
    }
    const isWelcome = isTold && (refusal === full || this.#mayTell());
    if (!isWelcome) arrival.destroy();
    const secure = await this.#tls?.shakeHands(arrival.raw);
    sweep.unwatch(arrival);
    if (secure === undefined) return this.#forget(arrival);
    const { raw, remoteAddr } = arrival;
    if (this.#protocol !== undefined) raw.setKeepAlive(true, KEEP_ALIVE_DELAY);
    const { socket, certificate } = secure;
    const stream = new TlsStream(raw, socket, { remoteAddr, certificate });
    const connection = this.#connect(stream);
    this.#sockets.replace(arrival, connection);
    if (refusal === undefined) this.#open(connection);
    else this.#turnAway(connection, refusal);
  }

  /** Takes in who came without a WebSocket, on connections that were counted already. */
  #takeStream(
    stream: ByteStream,
    guest: ConnectionListener | undefined,
  ): Connection {
    const connection = new WebSocketConnection(stream, this.#streamContext);
    this.#sockets.addBeside(connection);
    if (guest instanceof TurnedAway) connection.open(guest);
    else this.#open(connection);
    return connection;
  }

  #open(connection: ClientConnection): void {
    connection.open(this.#accept(connection));
  }

  /** Tells a client why it may not come in, once it has said what it wants. */
  #turnAway(connection: ClientConnection, refusal: Refusal): void {
    this.#sockets.addRefused(connection);
    connection.open(new TurnedAway(refusal));
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

  /** Whether an address is one that clients, or proxies of ours, connect from. */
  #mayConnect(host: string): boolean {
    const { proxyProtocol, trusted } = this.#context;
    return !proxyProtocol || trusted.isEmpty || trusted.has(host);
  }

  /**
   * Counts a client in, unless it is a proxy, which tells in the request whose it is;
   * or says why it may not come in.
   */
  #whyNot(
    guest: ClientConnection | TlsArrival,
    host: string,
  ): Refusal | undefined {
    const { proxyProtocol, trusted } = this.#context;
    const tellsLater = !proxyProtocol && this.#protocol === undefined &&
      trusted.has(host);
    return tellsLater ? undefined : this.#sockets.enterFrom(guest, host);
  }

  #full(): Refusal {
    this.#refusalLog.note(this.#limit.maxConnections);
    return FULL;
  }

  /** Whether one more client can be told why it may not come in. */
  #mayTell(): boolean {
    return this.#protocol === undefined &&
      this.#refusals.take(this.url.tls);
  }
}

function protocolOf(
  { protocol }: ListenUrl,
  options: ClientListenerOptions,
): StreamProtocol | undefined {
  if (options.protocol !== undefined) return streamProtocolOf(options.protocol);
  return protocol === "ws" ? undefined : STREAM_PROTOCOLS[protocol];
}

function tlsAcceptor(
  { cert, key, ca }: ClientListenerOptions,
  handshakeTimeout: number,
): TlsAcceptor {
  if (cert !== undefined && key !== undefined) {
    const certificate = { cert, key, ...(ca !== undefined && { ca }) };
    return new TlsAcceptor(certificate, handshakeTimeout);
  }
  throw new TypeError(
    "Cannot listen as TLS needs a certificate and its key: one of them is missing",
  );
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
