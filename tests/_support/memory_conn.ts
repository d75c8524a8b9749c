/** One direction of a pipe: bytes that were written and not yet read. */
class Pipe {
  readonly #chunks: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #isEnded = false;

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#chunks[0] === undefined) {
      if (this.#isEnded) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const [chunk] = this.#chunks;
    const count = Math.min(chunk.length, into.length);
    into.set(chunk.subarray(0, count));
    if (count === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(count);
    return count;
  }
}

/** How a {@linkcode MemoryConn} behaves. */
export interface MemoryConnOptions {
  /**
   * Most bytes that one write takes.
   *
   * @default {Infinity}
   */
  readonly maxWrite?: number;
}

/** A connection without a socket: what one end writes, the other reads. */
export class MemoryConn implements Deno.Conn {
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  readonly #maxWrite: number;
  #isClosed = false;
  #isBroken = false;
  #thaw: PromiseWithResolvers<void> | undefined;
  readonly localAddr: Deno.NetAddr;
  readonly remoteAddr: Deno.NetAddr;
  /** All that was written, in order. */
  readonly written: number[] = [];

  private constructor(
    incoming: Pipe,
    outgoing: Pipe,
    port: number,
    { maxWrite = Infinity }: MemoryConnOptions,
  ) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#maxWrite = maxWrite;
    const hostname = "127.0.0.1";
    this.localAddr = { transport: "tcp", hostname, port };
    this.remoteAddr = { transport: "tcp", hostname, port: 3 - port };
  }

  /** Makes both ends of a connection. */
  static pair(options: MemoryConnOptions = {}): [MemoryConn, MemoryConn] {
    const [there, back] = [new Pipe(), new Pipe()];
    return [
      new MemoryConn(back, there, 1, options),
      new MemoryConn(there, back, 2, options),
    ];
  }

  /** Whether this end was closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes no more bytes until thawed: writes wait, as to a peer that does not read. */
  freeze(): void {
    this.#thaw ??= Promise.withResolvers();
  }

  /** Takes no bytes ever again: writes fail, as to a peer that is gone. */
  break(): void {
    this.#isBroken = true;
    this.thaw();
  }

  /** Takes bytes again. */
  thaw(): void {
    this.#thaw?.resolve();
    this.#thaw = undefined;
  }

  async read(into: Uint8Array): Promise<number | null> {
    const count = await this.#incoming.read(into);
    if (this.#isClosed) throw new Deno.errors.Interrupted("closed");
    return count;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#thaw?.promise;
    if (this.#isClosed) throw new Deno.errors.BadResource("closed");
    if (this.#isBroken) throw new Deno.errors.BrokenPipe("broken");
    const chunk = bytes.slice(0, this.#maxWrite);
    for (const byte of chunk) this.written.push(byte);
    this.#outgoing.push(chunk);
    return chunk.length;
  }

  close(): void {
    if (this.#isClosed) throw new Deno.errors.BadResource("closed twice");
    this.#isClosed = true;
    this.#outgoing.end();
    this.#incoming.end();
    this.thaw();
  }

  closeWrite(): Promise<void> {
    this.#outgoing.end();
    return Promise.resolve();
  }

  ref(): void {}

  unref(): void {}

  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream();
  }

  get writable(): WritableStream<Uint8Array<ArrayBufferLike>> {
    return new WritableStream();
  }

  [Symbol.dispose](): void {
    if (!this.#isClosed) this.close();
  }
}
