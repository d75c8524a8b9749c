/**
 * Hot: every byte over TLS passes here.
 *
 * TLS is that of `node:tls`, on a socket of `node:net`. The runtime's own
 * (`Deno.listenTls`) asks nobody for a certificate, takes no new one, and cannot end a
 * connection whose handshake is not over.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ClientCertificate } from "./client_certificate.ts";

/**
 * Most bytes of one write: a record of TLS. With larger ones the runtime takes memory
 * from the system and gives it back for each, which doubles the work for 64 KiB, and
 * keeps as much for every connection.
 */
const WRITE_LENGTH = 16_384;

/** What `node:tls` hands over: memory that nobody else has. */
type Chunk = Uint8Array<ArrayBuffer>;

/** What reads a socket. Not documented, but what `node:net` has had at all times. */
interface ReadHandle {
  readStart(): unknown;
  readStop(): unknown;
}

/** Options for {@linkcode TlsStream}. */
export interface TlsStreamOptions {
  /** The other end. */
  readonly remoteAddr: Deno.NetAddr;
  /** What the other end has shown. */
  readonly certificate?: ClientCertificate | undefined;
  /** Has errors of `node:tls` be others; they stay by default. */
  readonly toError?: (error: Error) => Error;
}

/** A TLS connection that is read and written as a `Deno.Conn` is. */
export class TlsStream {
  readonly #raw: Socket;
  readonly #socket: TLSSocket;
  readonly #toError: (error: Error) => Error;
  /** Of the read in flight. */
  #resolve: ((chunk: Uint8Array<ArrayBuffer> | null) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  /** What has come and was not read. */
  #chunks: Uint8Array<ArrayBuffer>[] | undefined;
  #isStopped = false;
  #end: Error | "open" | "ended" = "open";

  /** The other end, as far as is known. */
  readonly remoteAddr: Deno.NetAddr;

  /** What the other end has shown of itself; `undefined` where it was not asked. */
  readonly certificate: ClientCertificate | undefined;

  /**
   * Takes over a connection whose handshake is done.
   *
   * @param raw What carries it.
   * @param socket TLS on that.
   * @param options Whose it is.
   */
  constructor(raw: Socket, socket: TLSSocket, options: TlsStreamOptions) {
    this.#raw = raw;
    this.#socket = socket;
    this.#toError = options.toError ?? asItIs;
    this.remoteAddr = options.remoteAddr;
    this.certificate = options.certificate;
    // Not as a Buffer, whose slice() is no copy.
    socket.on(
      "data",
      ({ buffer, byteOffset, length }: Chunk) =>
        this.#take(new Uint8Array(buffer, byteOffset, length)),
    );
    socket.on("end", () => this.#finish("ended"));
    socket.on("error", (error: Error) => this.#finish(this.#toError(error)));
    socket.on("close", () => this.#finish(new Deno.errors.ConnectionReset()));
  }

  /**
   * Reads what is there, waiting until something is.
   *
   * @returns What came, which is the caller's; `null` when the other side has ended.
   */
  readChunk(): Promise<Uint8Array<ArrayBuffer> | null> {
    const chunk = this.#chunks?.shift();
    if (chunk !== undefined) return Promise.resolve(chunk);
    if (this.#end === "ended") return Promise.resolve(null);
    if (this.#end !== "open") return Promise.reject(this.#end);
    if (this.#isStopped) this.#go();
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /**
   * Does the same into memory that is given.
   *
   * @returns How many bytes came; `null` when the other side has ended.
   */
  async read(bytes: Uint8Array): Promise<number | null> {
    const chunk = await this.readChunk();
    if (chunk === null) return null;
    const { length } = bytes;
    if (chunk.length <= length) {
      bytes.set(chunk);
      return chunk.length;
    }
    bytes.set(chunk.subarray(0, length));
    this.#keep(chunk.subarray(length), "before");
    return length;
  }

  /**
   * Writes the bytes, or the first of many; they may not change meanwhile.
   *
   * @returns How many were taken.
   */
  write(bytes: Uint8Array): Promise<number> {
    const part = bytes.length > WRITE_LENGTH
      ? bytes.subarray(0, WRITE_LENGTH)
      : bytes;
    return new Promise((resolve, reject) => {
      this.#socket.write(part, (error) => {
        if (error) reject(this.#toError(error));
        else resolve(part.length);
      });
    });
  }

  /** Tells the other end that nothing more will come (`close_notify`). */
  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(() => resolve()));
  }

  /**
   * Ends both directions; a read in flight rejects. Says `close_notify` unless writes
   * are in the way of it.
   */
  close(): void {
    this.#finish(new Deno.errors.Interrupted("closed"));
    this.#chunks = undefined;
    if (this.#socket.writableLength > 0) this.#socket.destroy();
    else this.#socket.destroySoon();
  }

  #take(chunk: Uint8Array<ArrayBuffer>): void {
    const resolve = this.#resolve;
    if (resolve === undefined) return this.#keep(chunk, "behind");
    this.#resolve = this.#reject = undefined;
    resolve(chunk);
  }

  /** Keeps what nobody waits for, and lets no more come. */
  #keep(chunk: Uint8Array<ArrayBuffer>, place: "before" | "behind"): void {
    if (this.#end instanceof Error) return;
    const chunks = this.#chunks ??= [];
    if (place === "before") chunks.unshift(chunk);
    else chunks.push(chunk);
    if (!this.#isStopped) this.#stop();
  }

  /**
   * Reads no further. `pause()` would not do: the runtime then goes on reading, and
   * keeps without limit what it has decrypted.
   */
  #stop(): void {
    this.#isStopped = true;
    handleOf(this.#raw)?.readStop();
  }

  #go(): void {
    this.#isStopped = false;
    handleOf(this.#raw)?.readStart();
  }

  #finish(end: Error | "ended"): void {
    if (this.#end === "open") this.#end = end;
    const resolve = this.#resolve;
    const reject = this.#reject;
    this.#resolve = this.#reject = undefined;
    if (end === "ended") resolve?.(null);
    else reject?.(end);
  }
}

function handleOf(raw: Socket): ReadHandle | null | undefined {
  return (raw as Socket & { readonly _handle?: ReadHandle | null })._handle;
}

function asItIs(error: Error): Error {
  return error;
}
