import { createServer as createNetServer, type Socket } from "node:net";
import {
  createServer as createTlsServer,
  type Server,
  type TLSSocket,
} from "node:tls";
import type { Address } from "../../base/address.ts";
import type { ClientCertificate } from "../../base/client_certificate.ts";
import { connectionKey, tlsServerContext } from "../../base/tls_server.ts";
import { type Certificate, checkCertificate } from "./certificate.ts";
import { KnownClients } from "./known_clients.ts";

/** Options for {@linkcode TlsAcceptor.listen}. */
export interface TlsListenOptions {
  /** Whether other processes may listen on the same port. */
  readonly reusePort: boolean;
  /** Takes a connection of which nothing was read. */
  accepted(raw: Socket): void;
  /** Told of an accept that failed; others follow. */
  failed(error: Error): void;
}

/** A connection on which the handshake is done. */
export interface SecureSocket {
  /** TLS on it. */
  readonly socket: TLSSocket;
  /** What the client has shown; `undefined` where it is not asked. */
  readonly certificate: ClientCertificate | undefined;
}

/** Accepts connections, and shakes hands with those that it is asked to. */
export class TlsAcceptor {
  readonly #tcp = createNetServer({ noDelay: true });
  readonly #tls: Server;
  readonly #shaking = new Map<string, (secure: SecureSocket) => void>();
  readonly #known = new KnownClients();
  readonly #asksClients: boolean;

  /**
   * @param certificate What to prove our name with.
   * @param handshakeTimeout Milliseconds that a handshake may take. The runtime keeps
   *   as long what it has of one that failed at once, which is 25 KB.
   * @throws {TypeError} If it cannot be read, or is not made for the key.
   */
  constructor(certificate: Certificate, handshakeTimeout: number) {
    checkCertificate(certificate);
    this.#asksClients = certificate.ca !== undefined;
    this.#tls = createTlsServer({
      ...tlsServerContext(certificate),
      handshakeTimeout,
    });
    this.#tls.on("secureConnection", (socket) => this.#shaken(socket));
    // Not TLS, not in time, or gone: nothing of ours was said to it yet.
    this.#tls.on("tlsClientError", ignore);
  }

  /** Where it listens. */
  get addr(): Deno.NetAddr {
    const at = this.#tcp.address();
    if (at === null || typeof at === "string") {
      throw new Deno.errors.BadResource("Nothing is listened on");
    }
    return { transport: "tcp", hostname: at.address, port: at.port };
  }

  /**
   * Listens.
   *
   * @throws {Deno.errors.AddrInUse} If somebody else listens there.
   */
  listen(
    { hostname, port }: Address,
    { reusePort, accepted, failed }: TlsListenOptions,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const refused = (error: Error) => reject(toDenoError(error));
    this.#tcp.once("error", refused);
    this.#tcp.on("connection", (raw) => {
      raw.on("error", ignore);
      accepted(raw);
    });
    this.#tcp.listen({ host: hostname, port, reusePort }, () => {
      this.#tcp.off("error", refused);
      this.#tcp.on("error", failed);
      resolve();
    });
    return promise;
  }

  /** Proves its name with another certificate, which was checked, from now on. */
  renew(certificate: Certificate): void {
    this.#known.forget();
    this.#tls.setSecureContext(tlsServerContext(certificate));
  }

  /**
   * Shakes hands on a connection.
   *
   * @returns TLS on it; `undefined` if it has ended before that.
   */
  shakeHands(raw: Socket): Promise<SecureSocket | undefined> {
    const { promise, resolve } = Promise.withResolvers<
      SecureSocket | undefined
    >();
    const key = connectionKey(raw);
    if (raw.destroyed) resolve(undefined);
    else {
      const gone = () => {
        this.#shaking.delete(key);
        resolve(undefined);
      };
      raw.once("close", gone);
      this.#shaking.set(key, (secure) => {
        raw.off("close", gone);
        resolve(secure);
      });
      this.#tls.emit("connection", raw);
    }
    return promise;
  }

  /** Accepts nothing more; what was accepted stays. */
  close(): void {
    this.#tcp.close();
  }

  #shaken(socket: TLSSocket): void {
    const key = connectionKey(socket);
    const done = this.#shaking.get(key);
    const certificate = this.#asksClients
      ? this.#known.check(socket)
      : undefined;
    const isStranger = this.#asksClients && certificate === undefined;
    if (done === undefined || isStranger) return void socket.destroy();
    this.#shaking.delete(key);
    // As of now: who says nothing more within the handshake is gone.
    socket.allowHalfOpen = true;
    done({ socket, certificate });
  }
}

function toDenoError(error: Error): Error {
  const code = "code" in error ? error.code : "";
  if (code === "EADDRINUSE") return new Deno.errors.AddrInUse(error.message);
  if (code === "EADDRNOTAVAIL") {
    return new Deno.errors.AddrNotAvailable(error.message);
  }
  return error;
}

function ignore(): void {
  // What comes of it is said by "close".
}
