import type { SecureContext } from "node:tls";
import { acceptAll } from "../admission/accept_loop.ts";
import type { AddressSet } from "../admission/address_set.ts";
import type { ByteStream, ClientSocket } from "../socket/client_socket.ts";
import {
  CLOSE_IDLE,
  type Connection,
  type ConnectionListener,
  type Refusal,
} from "../connection.ts";
import type { Door } from "../admission/door.ts";
import { frameProtocol } from "../protocols/frame.ts";
import {
  type ListenUrl,
  parseListenUrl,
  type Protocol,
} from "../listen_url.ts";
import {
  type ClientListenerOptions,
  type ListenerSettings,
  resolveListenerOptions,
} from "./listener_options.ts";
import { streamProtocolOf } from "./message_protocol.ts";
import type { RateLimit } from "../admission/rate_meter.ts";
import { RefusalLog } from "../admission/refusal_log.ts";
import { FULL, TOO_MANY } from "../admission/refusals.ts";
import { RefusedSocket } from "./refused_socket.ts";
import type { SocketContext } from "../socket/socket_context.ts";
import {
  StreamConnection,
  type StreamProtocol,
} from "../socket/stream_connection.ts";
import { Sweep } from "../admission/sweep.ts";
import { tcpProtocol } from "../protocols/tcp.ts";
import { textProtocol } from "../protocols/text.ts";
import { Throttle } from "../admission/throttle.ts";
import {
  type Certificate,
  readCertificate,
  TlsStream,
} from "../socket/tls_stream.ts";
import type { Unfinished } from "../admission/unfinished.ts";
import { WebSocketConnection } from "../websocket/websocket.ts";
import { SharedDeflate } from "../websocket/deflate/websocket_deflate.ts";
import type { HandshakeRules } from "../websocket/websocket_handshake.ts";
import { WriteWindow } from "../outgoing/write_window.ts";

/** Refused clients that are let read their answer; the others are cut off. */
const MAX_REFUSED = 32;

/** How often the sweep looks: often enough for the shortest time-out. */
const MIN_SWEEP_PERIOD = 5;
const MAX_SWEEP_PERIOD = 1_000;

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
export class ClientListener implements SocketContext, AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #accept: AcceptConnection;
  readonly #settings: ListenerSettings;
  readonly #protocol: StreamProtocol | undefined;
  readonly #sockets = new Set<ClientSocket>();
  readonly #hosts = new Map<ClientSocket, string>();
  readonly #finished = Promise.withResolvers<void>();
  readonly #refusals = new RefusalLog();
  readonly #idleTicks: number;
  #secureContext: SecureContext | undefined;
  #refusing = 0;
  #isAccepting = true;
  #hasLoopEnded = false;

  /** What clients speak, and where. The port is the one asked for: see `addr`. */
  readonly url: ListenUrl;
  /** Watches handshakes and closes. */
  readonly sweep: Sweep;
  /** Compresses WebSocket messages. */
  readonly deflate: SharedDeflate | undefined;
  /** Looks after clients that sent too fast. */
  readonly throttle: Throttle = new Throttle();
  /** When a client is written to again. */
  readonly writeWindow: WriteWindow | undefined;
  /** Resolves when the port is free again and the last connection has ended. */
  readonly finished: Promise<void> = this.#finished.promise;

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
    this.#settings = resolveListenerOptions(options);
    this.#protocol = protocolOf(this.url, options);
    this.#secureContext = secureContextOf(this.url, options);
    this.#listener = listen(this.url, options);
    const { idleTimeout, compression, flushWithin } = this.#settings;
    if (flushWithin > 0) this.writeWindow = new WriteWindow(flushWithin);
    if (compression !== undefined) {
      this.deflate = new SharedDeflate(compression);
    }
    const shortest = Math.min(
      this.handshakeTimeout,
      this.closeTimeout,
      this.authorizeTimeout,
      idleTimeout || Infinity,
    );
    const period = Math.min(
      Math.max(shortest / 4, MIN_SWEEP_PERIOD),
      MAX_SWEEP_PERIOD,
    );
    this.#idleTicks = Math.ceil(idleTimeout / period);
    const onLook = idleTimeout > 0 ? () => this.#closeIdle() : undefined;
    this.sweep = new Sweep({ period, ...(onLook && { onLook }) });
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

  /** Most bytes of one message from a client. */
  get maxMessage(): number {
    return this.#settings.maxMessage;
  }

  /** Most bytes queued for a client. */
  get sendBuffer(): number {
    return this.#settings.sendBuffer;
  }

  /** Milliseconds within which a handshake must be complete. */
  get handshakeTimeout(): number {
    return this.#settings.handshakeTimeout;
  }

  /** Milliseconds that a closing connection may take to end. */
  get closeTimeout(): number {
    return this.#settings.closeTimeout;
  }

  /** Milliseconds within which it must be decided whether a client may come in. */
  get authorizeTimeout(): number {
    return this.#settings.authorizeTimeout;
  }

  /** What a WebSocket handshake must be like. */
  get rules(): HandshakeRules {
    return this.#settings.rules;
  }

  /** How much a client may send. */
  get rate(): RateLimit | undefined {
    return this.#settings.rate;
  }

  /** Counts the bytes of unfinished messages. */
  get unfinished(): Unfinished {
    return this.#settings.unfinished;
  }

  /** Proxies whose word on where clients come from is taken. */
  get trusted(): AddressSet {
    return this.#settings.trusted;
  }

  /** Whether every connection begins with a proxy's header. */
  get proxyProtocol(): boolean {
    return this.#settings.proxyProtocol;
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

  /** Counts a client in, since it is known now where it comes from. */
  enterFrom(socket: ClientSocket, host: string): boolean {
    const { door } = this.#settings;
    if (!door.enterFrom(host)) return false;
    if (door.maxPerAddress < Infinity) this.#hosts.set(socket, host);
    return true;
  }

  /** Forgets a socket. Its connection calls this when it is gone. */
  onEnd(socket: ClientSocket): void {
    this.#sockets.delete(socket);
    if (socket instanceof RefusedSocket) this.#refusing--;
    else this.#settings.door.connections--;
    const host = this.#hosts.get(socket);
    if (host !== undefined) this.#settings.door.leaveFrom(host);
    this.#hosts.delete(socket);
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (!this.#hasLoopEnded || this.#sockets.size > 0) return;
    this.sweep[Symbol.dispose]();
    this.throttle[Symbol.dispose]();
    this.writeWindow?.[Symbol.dispose]();
    this.deflate?.close();
    this.#finished.resolve();
  }

  async #acceptAll(): Promise<void> {
    await acceptAll<Deno.TcpConn>(
      this.#listener,
      (stream) => this.#take(stream),
    );
    this.#hasLoopEnded = true;
    this.#finishIfDone();
  }

  #take(stream: Deno.TcpConn): void {
    const { door, proxyProtocol, trusted } = this.#settings;
    if (!door.hasRoom) return this.#refuseFull(stream, door);
    const host = (stream.remoteAddr as Deno.NetAddr).hostname;
    const isProxy = trusted.has(host);
    if (proxyProtocol && !isProxy && !trusted.isEmpty) return stream.close();
    const tellsLater = proxyProtocol ||
      (isProxy && this.#protocol === undefined);
    setNoDelay(stream);
    const secure = this.#secureContext === undefined
      ? undefined
      : new TlsStream(stream, this.#secureContext);
    const connection = this.#connect(secure ?? stream);
    if (!tellsLater && !this.enterFrom(connection, host)) {
      return this.#refuse(stream, TOO_MANY);
    }
    door.connections++;
    this.#sockets.add(connection);
    const listener = this.#accept(connection);
    if (secure === undefined) return connection.open(listener);
    this.sweep.watch(connection, this.handshakeTimeout);
    void openAfterTls(secure, connection, listener);
  }

  #connect(stream: ByteStream): ClientConnection {
    return this.#protocol === undefined
      ? new WebSocketConnection(stream, this)
      : new StreamConnection(this.#protocol, stream, this);
  }

  #refuseFull(stream: Deno.TcpConn, { maxConnections }: Door): void {
    this.#refusals.note(maxConnections);
    this.#refuse(stream, FULL);
  }

  #refuse(stream: Deno.TcpConn, refusal: Refusal): void {
    const canAnswer = this.#protocol === undefined && !this.url.tls;
    if (!canAnswer || this.#refusing >= MAX_REFUSED) return stream.close();
    this.#refusing++;
    const socket = new RefusedSocket(stream, this);
    this.#sockets.add(socket);
    socket.refuse(refusal);
  }

  #closeIdle(): void {
    for (const socket of this.#sockets) {
      if (socket.silentTicks <= this.#idleTicks) continue;
      if (socket instanceof RefusedSocket) continue;
      (socket as ClientConnection).close(CLOSE_IDLE);
    }
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

function setNoDelay(stream: Deno.TcpConn): void {
  try {
    stream.setNoDelay(true);
  } catch {
    // The client left between accept and here: the first read will say so.
  }
}

/** Never rejects. A client that cannot shake hands was never connected. */
async function openAfterTls(
  stream: TlsStream,
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
