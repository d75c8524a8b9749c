import { createServer as createNetServer, type Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { Address } from "../base/address.ts";
import { HandshakeError, ProtocolError } from "../base/errors.ts";
import { connectionKey, tlsServerContext } from "../base/tls_server.ts";
import type { TlsStream } from "../base/tls_stream.ts";
import type { PeerStream } from "./byte_stream.ts";
import type { PeerListener, PeerListenerOptions } from "./peer_listener.ts";
import { Strangers } from "./strangers.ts";
import { peerStreamOf, toPeerError } from "./tls_peer_stream.ts";

/** Most connections in the middle of TLS's own handshake; for one more, another one has to go. */
const MAX_HANDSHAKES = 256;

/** Milliseconds that TLS's own handshake may take. */
const HANDSHAKE_TIMEOUT = 10_000;

/** A connection whose TLS handshake is not over. */
interface Handshake {
  readonly socket: Socket;
  readonly host: string;
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * Listens for other nodes with TLS. Where this node has authorities to go by, it
 * takes only peers that show a certificate of theirs.
 */
export class TlsPeerListener implements PeerListener {
  readonly #options: PeerListenerOptions;
  readonly #tcp = createNetServer((socket) => this.#admit(socket));
  readonly #tls: Server;
  readonly #shaking = new Map<string, Handshake>();
  /** The keys of those. */
  readonly #strangers = new Strangers<string>();
  readonly #ready: PeerStream[] = [];
  readonly #renewing: Disposable;
  #waiting: PromiseWithResolvers<PeerStream> | undefined;
  #isClosed = false;

  private constructor(options: PeerListenerOptions) {
    this.#options = options;
    const { trust } = options;
    this.#tls = createServer({
      ...tlsServerContext(trust.identity),
      // Ours is over first. So long the runtime keeps what it has of one that failed.
      handshakeTimeout: 2 * HANDSHAKE_TIMEOUT,
    });
    this.#tls.on("secureConnection", (socket) => this.#take(socket));
    this.#tls.on("tlsClientError", (error, socket) => {
      this.#fail(error);
      socket.destroy();
    });
    this.#renewing = trust.onRenewed(() =>
      this.#tls.setSecureContext(tlsServerContext(trust.identity))
    );
  }

  /** @throws {Deno.errors.AddrInUse} If the port is taken. */
  static async listen(
    { hostname, port }: Address,
    options: PeerListenerOptions,
  ): Promise<TlsPeerListener> {
    const listener = new TlsPeerListener(options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    listener.#tcp.once("error", (error) => reject(toPeerError(error)));
    listener.#tcp.listen(port, hostname, () => resolve());
    await promise;
    // Out of file descriptors, say: whoever comes then, comes again.
    listener.#tcp.on("error", (error) => listener.#refuse("", error));
    return listener;
  }

  /** The address bound. */
  get addr(): Deno.NetAddr {
    const bound = this.#tcp.address();
    const { address: hostname, port } =
      typeof bound === "object" && bound !== null
        ? bound
        : { address: "", port: 0 };
    return { transport: "tcp", hostname, port };
  }

  /** Waits for the next node that has shown what it must. */
  accept(): Promise<PeerStream> {
    const stream = this.#ready.shift();
    if (stream !== undefined) return Promise.resolve(stream);
    if (this.#isClosed) return Promise.reject(closed());
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** Takes nobody new. */
  close(): void {
    this.#isClosed = true;
    this.#renewing[Symbol.dispose]();
    this.#tcp.close();
    for (const key of [...this.#shaking.keys()]) {
      this.#endHandshake(key)?.socket.destroy();
    }
    for (const stream of this.#ready.splice(0)) stream.close();
    this.#waiting?.reject(closed());
  }

  #admit(socket: Socket): void {
    const host = socket.remoteAddress ?? "";
    // What is wrong with it, the TLS server hears as well.
    socket.on("error", () => {});
    const refusal = this.#options.trust.refusalOf(host);
    if (refusal !== undefined) {
      this.#refuse(host, refusal);
      return void socket.destroy();
    }
    if (this.#shaking.size >= MAX_HANDSHAKES) {
      const why =
        `${MAX_HANDSHAKES} others were not over, and most of them of one address`;
      this.#turnAway(this.#strangers.evict() ?? "", why);
    }
    const key = connectionKey(socket);
    const timer = setTimeout(
      () =>
        this.#turnAway(key, `it was not over within ${HANDSHAKE_TIMEOUT} ms`),
      HANDSHAKE_TIMEOUT,
    );
    this.#shaking.set(key, { socket, host, timer });
    this.#strangers.add(host, key);
    socket.once("close", () => {
      this.#turnAway(key, "the peer closed the connection");
    });
    this.#tls.emit("connection", socket);
  }

  /**
   * A handshake went wrong. The error comes with a socket that has no address any
   * more, when the one below it is destroyed and has not yet said so.
   */
  #fail(error: Error): void {
    for (const [key, { host, socket }] of this.#shaking) {
      if (!socket.destroyed) continue;
      this.#endHandshake(key);
      return this.#refuse(host, error);
    }
    // It was turned away, and has been counted.
  }

  /** Ends a handshake that is not over. */
  #turnAway(key: string, why: string): void {
    const shaking = this.#endHandshake(key);
    if (shaking === undefined) return;
    const error = new ProtocolError(`Cannot read handshake of TLS: ${why}`);
    this.#refuse(shaking.host, error);
    shaking.socket.destroy();
  }

  #take(socket: TLSSocket): void {
    const shaking = this.#endHandshake(connectionKey(socket));
    if (shaking === undefined) return void socket.destroy();
    if (!this.#isTrusted(socket)) {
      this.#refuse(
        shaking.host,
        new HandshakeError(
          "Cannot trust peer: it shows no certificate of ours in this very handshake",
        ),
      );
      return void socket.destroy();
    }
    const stream: TlsStream = peerStreamOf(shaking.socket, socket);
    if (this.#isClosed) return stream.close();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#ready.push(stream);
    else waiting.resolve(stream);
  }

  /**
   * Whether a peer has shown what it must. Not in an earlier handshake: the runtime
   * takes up any session of this process, also one of a client port, where nobody is
   * asked for a certificate, and calls that of a stranger authorized.
   */
  #isTrusted(socket: TLSSocket): boolean {
    if (this.#options.trust.identity?.ca === undefined) return true;
    return socket.authorized && !socket.isSessionReused();
  }

  /** Returns the handshake, if it was not over. */
  #endHandshake(key: string): Handshake | undefined {
    const shaking = this.#shaking.get(key);
    if (shaking === undefined) return undefined;
    clearTimeout(shaking.timer);
    this.#shaking.delete(key);
    this.#strangers.delete(shaking.host, key);
    return shaking;
  }

  #refuse(host: string, error: Error): void {
    this.#options.refusals.add(host, toPeerError(error));
  }
}

function closed(): Error {
  return new Deno.errors.BadResource("The listener was closed");
}
