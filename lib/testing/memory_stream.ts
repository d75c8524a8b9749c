import type { ByteStream } from "../peer/byte_stream.ts";

/** One direction: what was written and not yet read. */
class Pipe {
  #chunks: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #isEnded = false;

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#chunks.length === 0) {
      if (this.#isEnded) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const [chunk = into.subarray(0, 0)] = this.#chunks;
    const count = Math.min(chunk.length, into.length);
    into.set(chunk.subarray(0, count));
    if (count === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(count);
    return count;
  }
}

/** A connection without a socket: what one end writes, the other reads. */
export class MemoryStream implements ByteStream {
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;

  private constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  /** Makes both ends of a connection. */
  static pair(): [MemoryStream, MemoryStream] {
    const [there, back] = [new Pipe(), new Pipe()];
    return [new MemoryStream(back, there), new MemoryStream(there, back)];
  }

  /** Reads what is there, waiting until something is; `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.#incoming.read(buffer);
  }

  /** Takes all of the bytes. */
  write(bytes: Uint8Array): Promise<number> {
    this.#outgoing.push(bytes.slice());
    return Promise.resolve(bytes.length);
  }

  /** Ends both directions. */
  close(): void {
    this.#outgoing.end();
    this.#incoming.end();
  }
}
