/**
 * TLS between nodes. By way of `node:tls`, since `Deno.listenTls` cannot ask for a
 * client's certificate nor change its own, and `Deno.connectTls` believes public
 * authorities beside the cluster's.
 *
 * @module
 */
import { connect, type TLSSocket } from "node:tls";
import type { Address } from "../base/address.ts";
import { Deque } from "../base/deque.ts";
import { HandshakeError, messageOf, SilentPeerError } from "../base/errors.ts";
import type { PeerStream } from "./byte_stream.ts";
import type { TlsIdentity } from "./trust.ts";

/** Bytes that may wait to be read; then the peer is pushed back on. */
const HIGH_WATER = 256 * 1024;

/** Pieces that may wait to be read: a peer can make them small. */
const MOST_CHUNKS = 1_024;

/** Most bytes of one write: it is over when all are gone, which shows that the peer reads. */
const WRITE_LENGTH = 256 * 1024;

/** Milliseconds of silence after which the system asks whether the peer is there. */
const KEEP_ALIVE_DELAY = 60_000;

/** A TLS connection that is read and written as `Deno.Conn` is. */
export class TlsPeerStream implements PeerStream {
  readonly #socket: TLSSocket;
  readonly remoteAddr: Deno.NetAddr;
  readonly #chunks = new Deque<Uint8Array>();
  #waiting = 0;
  #end: Error | "open" | "ended" = "open";
  #wake = () => {};

  /** @param socket On which the TLS handshake is done; from now on nobody else's. */
  constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.remoteAddr = {
      transport: "tcp",
      hostname: socket.remoteAddress ?? "",
      port: socket.remotePort ?? 0,
    };
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY);
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
    socket.on("end", () => this.#finish("ended"));
    socket.on("close", () => this.#finish("ended"));
    socket.on("error", (error) => this.#finish(toPeerError(error)));
  }

  /** Reads what is there, waiting until something is. */
  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#chunks.length === 0) {
      if (this.#end instanceof Error) throw this.#end;
      if (this.#end === "ended") return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const count = this.#drain(buffer);
    this.#waiting -= count;
    if (!this.#isFull && this.#socket.isPaused()) this.#socket.resume();
    return count;
  }

  get #isFull(): boolean {
    return this.#waiting >= HIGH_WATER || this.#chunks.length >= MOST_CHUNKS;
  }

  /** Records of TLS are small: what came in several fills one buffer. */
  #drain(buffer: Uint8Array): number {
    let filled = 0;
    while (filled < buffer.length) {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) break;
      const room = buffer.length - filled;
      if (chunk.length > room) this.#chunks.unshift(chunk.subarray(room));
      buffer.set(chunk.subarray(0, room), filled);
      filled += Math.min(chunk.length, room);
    }
    return filled;
  }

  /** Writes the bytes, or the first of many. */
  write(bytes: Uint8Array): Promise<number> {
    const part = bytes.subarray(0, WRITE_LENGTH);
    return new Promise((resolve, reject) => {
      this.#socket.write(part, (error) => {
        if (error) reject(toPeerError(error));
        else resolve(part.length);
      });
    });
  }

  /** Says goodbye if nothing is in the way, and ends. */
  close(): void {
    this.#finish("ended");
    if (this.#socket.writableLength > 0) this.#socket.destroy();
    else this.#socket.destroySoon();
  }

  #take(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    if (this.#isFull) this.#socket.pause();
    this.#wake();
  }

  #finish(end: Error | "ended"): void {
    if (this.#end === "open") this.#end = end;
    this.#wake();
  }
}

/**
 * Dials a node with TLS.
 *
 * @throws {HandshakeError} If the certificates do not fit.
 * @throws {SilentPeerError} If it took the connection, and said nothing for too long.
 * @throws {Deno.errors.ConnectionRefused} If nobody listens there.
 */
export async function dialTls(
  { hostname, port }: Address,
  identity: TlsIdentity,
  signal: AbortSignal,
): Promise<TlsPeerStream> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: hostname, port, ...identity });
  let isTaken = false;
  const abort = () => reject(isTaken ? silent() : signal.reason);
  socket.once("connect", () => isTaken = true);
  socket.once("secureConnect", () => resolve());
  socket.once("error", (error) => reject(toPeerError(error)));
  signal.addEventListener("abort", abort);
  try {
    signal.throwIfAborted();
    await promise;
    return new TlsPeerStream(socket);
  } catch (error) {
    // What it says while it ends was said already.
    socket.on("error", () => {});
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function silent(): SilentPeerError {
  return new SilentPeerError(
    "Cannot dial: the peer took the connection, and said nothing of TLS",
  );
}

/** Returns an error of `node:net` and `node:tls` as those that Deno and we have. */
export function toPeerError(error: Error): Error {
  const code = "code" in error ? error.code : "";
  const message = messageOf(error);
  switch (code) {
    case "ECONNREFUSED":
      return new Deno.errors.ConnectionRefused(message);
    case "ECONNRESET":
      return new Deno.errors.ConnectionReset(message);
    case "EADDRINUSE":
      return new Deno.errors.AddrInUse(message);
    case "EADDRNOTAVAIL":
      return new Deno.errors.AddrNotAvailable(message);
    default:
      return /alert|certificate|altname/i.test(`${code} ${message}`)
        ? new HandshakeError(`Cannot trust peer: ${message}`, { cause: error })
        : error;
  }
}
