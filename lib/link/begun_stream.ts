import type { ByteStream } from "../peer/byte_stream.ts";

/** A stream of which somebody has read the first bytes: they are read again. */
export class BegunStream implements ByteStream {
  readonly #conn: ByteStream;
  #first: Uint8Array;

  /** The first bytes are kept until they are read. */
  constructor(conn: ByteStream, first: Uint8Array) {
    this.#conn = conn;
    this.#first = first;
  }

  /** Reads the first bytes, then what follows. */
  read(buffer: Uint8Array): Promise<number | null> {
    const { length } = this.#first;
    if (length === 0) return this.#conn.read(buffer);
    const count = Math.min(length, buffer.length);
    buffer.set(this.#first.subarray(0, count));
    this.#first = this.#first.subarray(count);
    return Promise.resolve(count);
  }

  /** Writes as the stream does. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  /** Ends the stream. */
  close(): void {
    this.#conn.close();
  }
}
