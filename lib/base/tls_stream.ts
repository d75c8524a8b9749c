/**
 * Hot: every byte over TLS passes here.
 *
 * TLS is that of `node:tls`, on a socket of `node:net`. The runtime's own
 * (`Deno.listenTls`) asks nobody for a certificate, takes no new one, and cannot end a
 * connection whose handshake is not over.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { setImmediate } from "node:timers";
import type { TLSSocket } from "node:tls";
import type { ClientCertificate } from "./client_certificate.ts";
import { handleOf, readInPlace } from "./tls_handles.ts";

/** Most bytes of one write: what the runtime encrypts at a time. */
const WRITE_LENGTH = 49_152;

/**
 * Bytes after which a connection lets others have their turn. The runtime reads one that
 * brings more and more 32 times, and all that are ready one after the other, before
 * anything else is done.
 */
const BURST = 131_072;

/** Who reads a {@linkcode TlsStream}. */
export interface ChunkTaker {
  /**
   * `bytes[0, count)` have come, and are the taker's until it returns; `null` if nothing
   * more does.
   */
  onChunk(bytes: Uint8Array<ArrayBuffer> | null, count: number): void;
  /** The connection broke. */
  onReadFailed(error: Error): void;
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
  /** Who waits for what comes next. */
  #taker: ChunkTaker | undefined;
  /** What has come and was not read. */
  #chunks: Uint8Array<ArrayBuffer>[] | undefined;
  #isStopped = false;
  /** Bytes that came since others had their turn; more than {@linkcode BURST} while they have it. */
  #burst = 0;
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
    socket.on("end", () => this.#finish("ended"));
    socket.on("error", (error: Error) => this.#finish(this.#toError(error)));
    socket.on("close", () => this.#finish(new Deno.errors.ConnectionReset()));
    const came = (bytes: Uint8Array<ArrayBuffer>, count: number) =>
      this.#came(bytes, count);
    if (readInPlace(raw, socket, came)) return;
    // Not as a Buffer, whose slice() is no copy.
    socket.on("data", ({ buffer, byteOffset, length }: Buffer) => {
      came(new Uint8Array(buffer as ArrayBuffer, byteOffset, length), length);
    });
  }

  /** Gives `taker` what comes next, once, and never before this has returned. */
  readChunk(taker: ChunkTaker): void {
    this.#taker = taker;
    if (this.#chunks?.length || this.#end !== "open") {
      queueMicrotask(() => this.#giveKept());
    } else if (this.#isStopped && this.#burst < BURST) this.#go();
  }

  /**
   * Reads into memory that is given what is there, waiting until something is.
   *
   * @returns How many bytes came; `null` when the other side has ended.
   */
  read(bytes: Uint8Array): Promise<number | null> {
    const kept = this.#chunks?.shift();
    if (kept !== undefined) {
      const { length } = bytes;
      bytes.set(kept.subarray(0, length));
      if (length < kept.length) this.#chunks?.unshift(kept.subarray(length));
      return Promise.resolve(Math.min(length, kept.length));
    }
    return new Promise((resolve, reject) =>
      this.readChunk({
        onChunk: (chunk, count) => {
          if (chunk === null) return resolve(null);
          const taken = Math.min(count, bytes.length);
          bytes.set(chunk.subarray(0, taken));
          if (taken < count) this.#keep(chunk.slice(taken, count));
          resolve(taken);
        },
        onReadFailed: reject,
      })
    );
  }

  /**
   * Writes the bytes, or the first of many; they may not change meanwhile.
   *
   * @returns How many were taken.
   */
  write(bytes: Uint8Array): Promise<number> {
    const part = bytes.subarray(0, WRITE_LENGTH);
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

  #came(bytes: Uint8Array<ArrayBuffer>, count: number): void {
    const taker = this.#taker;
    if (taker === undefined || this.#chunks?.length) {
      return this.#keep(bytes.slice(0, count));
    }
    this.#taker = undefined;
    taker.onChunk(bytes, count);
    this.#burst += count;
    if (this.#burst >= BURST) this.#rest();
  }

  /** Lets all others have their turn. */
  #rest(): void {
    this.#stop();
    setImmediate(() => {
      this.#burst = 0;
      const isAwaited = this.#taker !== undefined && !this.#chunks?.length;
      if (isAwaited && this.#end === "open") this.#go();
    });
  }

  #giveKept(): void {
    const taker = this.#taker;
    const chunk = taker && this.#chunks?.shift();
    if (taker === undefined || (!chunk && this.#end === "open")) return;
    this.#taker = undefined;
    if (chunk !== undefined) taker.onChunk(chunk, chunk.length);
    else if (this.#end instanceof Error) taker.onReadFailed(this.#end);
    else taker.onChunk(null, 0);
  }

  /** Keeps what nobody waits for, and lets no more come. */
  #keep(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#end instanceof Error) return;
    (this.#chunks ??= []).push(chunk);
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
    // Or the runtime keeps without limit what comes, and takes none of it.
    this.#stop();
    if (!this.#chunks?.length) this.#giveKept();
  }
}

function asItIs(error: Error): Error {
  return error;
}
