import { formatAddress } from "../base/address.ts";
import type { PeerStream } from "../peer/byte_stream.ts";
import { LineDecoder, MAX_LINE } from "../base/line_decoder.ts";

/** Lines are short and peers are many: longer lines take several reads. */
const READ_SIZE = 1_024;

/**
 * A conversation in lines over one TCP connection, made for talk in which each
 * line makes the ones of its kind before it void: beside the line that is being
 * written, at most one of each kind waits, and a newer one takes its place. So a
 * peer that does not read holds one line of each kind, one more, and no others.
 */
export class LineConnection implements AsyncDisposable {
  /** The peer's own address, `ip:port`, IPv6 in brackets. */
  readonly remoteAddress: string;
  /** The peer's own IP address. */
  readonly remoteHostname: string;
  readonly #conn: PeerStream;
  readonly #decoder: LineDecoder;
  /** By kind, in the order in which they leave. */
  readonly #waiting = new Map<string, Uint8Array>();
  #writes = 0;
  #writing: Promise<void> | undefined;
  #closing = false;
  #destroyed = false;

  /**
   * @param conn The connection; from now on nobody else's.
   * @param maxLine Longest line taken from the peer, in bytes.
   */
  constructor(conn: PeerStream, maxLine: number = MAX_LINE) {
    this.#conn = conn;
    this.#decoder = new LineDecoder(maxLine);
    this.remoteAddress = formatAddress(conn.remoteAddr);
    this.remoteHostname = conn.remoteAddr.hostname;
  }

  /** Longest line that is taken from the peer, in bytes. */
  set maxLine(maxLine: number) {
    this.#decoder.maxLine = maxLine;
  }

  /**
   * Number of the write in flight, 0 if there is none. The same number seen
   * twice means that nothing has left in between.
   */
  get writeInFlight(): number {
    return this.#writing === undefined ? 0 : this.#writes;
  }

  /**
   * Yields what the peer says, until either side ends it. Call once.
   *
   * @throws {ProtocolError} If the peer's bytes are not lines.
   */
  async *lines(): AsyncGenerator<string, void> {
    const buffer = new Uint8Array(READ_SIZE);
    while (!this.#destroyed) {
      const size = await this.#read(buffer);
      if (size === null) return;
      yield* this.#decoder.push(buffer.subarray(0, size));
    }
  }

  /** Takes a broken connection for one that has ended: nobody acts on the difference. */
  async #read(buffer: Uint8Array): Promise<number | null> {
    try {
      return await this.#conn.read(buffer);
    } catch {
      return null;
    }
  }

  /**
   * Sends a line; one of its kind that still waits is dropped in its favor. Never
   * waits, never throws.
   *
   * @param line Whole line with its end. Kept, so it must not change.
   * @param kind What the line is about; one of few.
   */
  send(line: Uint8Array, kind = ""): void {
    if (this.#closing) return;
    this.#waiting.set(kind, line);
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    try {
      // What is set meanwhile is gone through as well.
      for (const [kind, line] of this.#waiting) {
        this.#waiting.delete(kind);
        for (let sent = 0; sent < line.length;) {
          this.#writes++;
          sent += await this.#conn.write(line.subarray(sent));
        }
      }
    } catch {
      // The peer has left. Whoever reads the lines sees their end and reports it.
      this.destroy();
    }
    this.#writing = undefined;
  }

  /** Sends what waits, then ends. Resolves when it has ended. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#writing;
    this.destroy();
  }

  /** Ends now; what waits is lost. */
  destroy(): void {
    this.#closing = true;
    this.#waiting.clear();
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#conn.close();
  }

  /** Ends now, and resolves when nothing is in flight any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    await this.#writing;
  }
}
