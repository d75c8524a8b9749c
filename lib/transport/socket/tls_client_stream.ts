import { createPrivateKey, X509Certificate } from "node:crypto";
import { Duplex } from "node:stream";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { closeQuietly } from "../../base/close_quietly.ts";
import { messageOf } from "../../base/errors.ts";
import { writeWhole } from "../../base/write_whole.ts";
import type { ByteStream } from "./client_socket.ts";

/** What a listener proves its name with. */
export interface Certificate {
  /** Certificate chain, in PEM. */
  readonly cert: string;
  /** Private key, in PEM. */
  readonly key: string;
}

/**
 * Reads a certificate and its key.
 *
 * @throws {TypeError} If they cannot be read, or do not belong together.
 */
export function readCertificate({ cert, key }: Certificate): SecureContext {
  if (!isPair(cert, key)) {
    throw new TypeError(
      "Cannot use certificate as it must be made for its key: this one is for another",
    );
  }
  return createSecureContext({ cert, key });
}

/** The context would take anything, and fail at every client. */
function isPair(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    throw new TypeError(
      `Cannot read certificate or key as they must be PEM: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/**
 * TLS on an accepted connection. Not `Deno.listenTls`: what that accepts cannot be
 * closed before the handshake is over, and does not take a new certificate.
 */
export class TlsClientStream implements ByteStream {
  readonly #conn: Deno.TcpConn;
  readonly #socket: TLSSocket;
  readonly #handshake = Promise.withResolvers<void>();
  #reader: PromiseWithResolvers<number | null> | undefined;
  #target: Uint8Array | undefined;
  #rest: Uint8Array | undefined;
  #hasEnded = false;
  #isClosed = false;

  /** Resolves when the client has shaken hands; rejects if it cannot. */
  readonly handshake: Promise<void> = this.#handshake.promise;

  /**
   * Begins to shake hands.
   *
   * @param conn The accepted connection, owned from now on.
   * @param secureContext What to prove our name with.
   */
  constructor(conn: Deno.TcpConn, secureContext: SecureContext) {
    this.#conn = conn;
    const duplex = duplexOf(conn);
    const socket = new TLSSocket(duplex as never, {
      isServer: true,
      secureContext,
    });
    this.#socket = socket;
    // Whoever does not wait for the handshake hears of its failure by reading.
    this.handshake.catch(() => {});
    socket.on("secure", () => this.#handshake.resolve());
    socket.on("readable", () => this.#pump());
    socket.on("end", () => {
      this.#hasEnded = true;
      this.#pump();
    });
    socket.on("error", (error: Error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Deno.errors.ConnectionReset()));
  }

  /** The other end. */
  get remoteAddr(): Deno.Addr {
    return this.#conn.remoteAddr;
  }

  /** Reads into `bytes`; `null` at the end. */
  read(bytes: Uint8Array): Promise<number | null> {
    this.#target = bytes;
    this.#reader = Promise.withResolvers();
    const { promise } = this.#reader;
    this.#pump();
    return promise;
  }

  /** Writes all of the bytes, which may not change meanwhile. */
  write(bytes: Uint8Array): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#socket.write(bytes, (error) => {
      if (error) reject(error);
      else resolve(bytes.length);
    });
    return promise;
  }

  /** Tells the other end that nothing more will come. */
  closeWrite(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.end(() => resolve());
    return promise;
  }

  /** Ends both directions; reads and writes in flight reject. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
    closeQuietly(this.#conn);
    this.#fail(new Deno.errors.Interrupted("closed"));
  }

  #pump(): void {
    const target = this.#target;
    const reader = this.#reader;
    if (target === undefined || reader === undefined) return;
    const chunk: Uint8Array | null = this.#rest ?? this.#socket.read();
    if (chunk === null && !this.#hasEnded) return;
    this.#target = this.#reader = undefined;
    if (chunk === null) return reader.resolve(null);
    const count = Math.min(chunk.length, target.length);
    target.set(chunk.subarray(0, count));
    this.#rest = count < chunk.length ? chunk.subarray(count) : undefined;
    reader.resolve(count);
  }

  #fail(error: Error): void {
    this.#handshake.reject(error);
    const reader = this.#reader;
    this.#reader = this.#target = undefined;
    reader?.reject(error);
  }
}

/** A connection in the shape that `node:tls` can work on. */
function duplexOf(conn: Deno.TcpConn): Duplex {
  return new Duplex({
    allowHalfOpen: true,
    read() {
      const buffer = new Uint8Array(16_384);
      conn.read(buffer).then(
        (count) => this.push(count === null ? null : buffer.slice(0, count)),
        (error) => this.destroy(error),
      );
    },
    write(chunk: Uint8Array, _encoding, done) {
      writeWhole(conn, chunk).then(() => done(), done);
    },
    final(done) {
      // The client may have left first.
      conn.closeWrite().then(() => done(), () => done());
    },
    destroy(error, done) {
      closeQuietly(conn);
      done(error);
    },
  });
}
