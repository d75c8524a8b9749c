import {
  ACCEPT,
  encodeClose,
  Opcode,
  upgradeRequest,
} from "./client_frames.ts";

/** Bytes of a message that are looked at: enough for its number and time. */
const LOOKED_AT = 40;

/** Bytes of the read buffer of a client. */
const READ_LENGTH = 32 * 1024;

const decoder = new TextDecoder();

/** Finds frames in a stream, and skips all but the beginning of each. */
export class HeadReader {
  readonly #onFrame: (opcode: number, payload: Uint8Array) => void;
  readonly #head = new Uint8Array(10 + LOOKED_AT);
  #filled = 0;
  #skip = 0;

  /** @param onFrame Is told of each frame; the bytes are valid during the call. */
  constructor(onFrame: (opcode: number, payload: Uint8Array) => void) {
    this.#onFrame = onFrame;
  }

  /** Takes bytes, which are not kept. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length || this.#isWhole;) {
      if (this.#isWhole) this.#tell();
      else if (this.#skip > 0) {
        const count = Math.min(this.#skip, bytes.length - at);
        this.#skip -= count;
        at += count;
      } else this.#head[this.#filled++] = bytes[at++] ?? 0;
    }
  }

  /** Bytes of the head; more than it can have while that cannot be told. */
  get #start(): number {
    if (this.#filled < 2) return Infinity;
    const short = this.#head[1] ?? 0;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    return this.#filled < start ? Infinity : start;
  }

  get #length(): number {
    const view = new DataView(this.#head.buffer);
    const start = this.#start;
    if (start === 2) return view.getUint8(1);
    return start === 4 ? view.getUint16(2) : Number(view.getBigUint64(2));
  }

  get #isWhole(): boolean {
    const start = this.#start;
    if (start === Infinity) return false;
    return this.#filled >= start + Math.min(this.#length, LOOKED_AT);
  }

  #tell(): void {
    const [start, length] = [this.#start, this.#length];
    const opcode = (this.#head[0] ?? 0) & 0x0f;
    this.#skip = Math.max(0, length - LOOKED_AT);
    this.#onFrame(opcode, this.#head.subarray(start, this.#filled));
    this.#filled = 0;
  }
}

/** A client that only listens, and can stop doing so. */
export class FanOutClient {
  readonly #conn: Deno.TcpConn;
  readonly #onMessage: (client: FanOutClient, text: string) => void;
  readonly #reader = new HeadReader((opcode, payload) =>
    this.#take(opcode, payload)
  );
  #resume: PromiseWithResolvers<void> | undefined;
  /** Resolves when the connection is over. */
  readonly finished: Promise<void>;
  /** Messages that came. */
  received = 0;
  /** Code of the gateway's close frame; 0 if none came. */
  code = 0;
  /** Whether the connection is over. */
  isOver = false;

  private constructor(
    conn: Deno.TcpConn,
    onMessage: (client: FanOutClient, text: string) => void,
  ) {
    this.#conn = conn;
    this.#onMessage = onMessage;
    this.finished = this.#run();
  }

  /** Connects; `onMessage` is told how each message begins. */
  static async connect(
    port: number,
    name: string,
    onMessage: (client: FanOutClient, text: string) => void,
  ): Promise<FanOutClient> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(upgradeRequest(`/?name=${name}`));
    let answer = "";
    const byte = new Uint8Array(1);
    while (!answer.endsWith("\r\n\r\n") && await conn.read(byte) !== null) {
      answer += String.fromCharCode(byte[0] ?? 0);
    }
    if (!answer.includes(ACCEPT)) {
      throw new Deno.errors.InvalidData(`Cannot connect ${name}: ${answer}`);
    }
    return new FanOutClient(conn, onMessage);
  }

  /** Reads nothing any more. */
  pause(): void {
    this.#resume ??= Promise.withResolvers();
  }

  /** Reads again. */
  resume(): void {
    this.#resume?.resolve();
    this.#resume = undefined;
  }

  /** Says goodbye, and resolves when the gateway has answered. */
  async leave(): Promise<void> {
    this.resume();
    try {
      if (!this.isOver) await this.#conn.write(encodeClose(1000));
    } catch {
      // The gateway was faster.
    }
    await this.finished;
  }

  async #run(): Promise<void> {
    const buffer = new Uint8Array(READ_LENGTH);
    try {
      while (true) {
        await this.#resume?.promise;
        const count = await this.#conn.read(buffer);
        if (count === null) break;
        this.#reader.push(buffer.subarray(0, count));
      }
    } catch {
      // Reset: the same as an end.
    }
    this.isOver = true;
    this.#conn.close();
  }

  #take(opcode: number, payload: Uint8Array): void {
    if (opcode === Opcode.Text) {
      this.received++;
      this.#onMessage(this, decoder.decode(payload));
    } else if (opcode === Opcode.Close) {
      this.code = (payload[0] ?? 0) << 8 | (payload[1] ?? 0);
    }
  }
}
