import { encodeMasked, Opcode } from "../bench/load/client_frames.ts";
import { dial, writeAll } from "../bench/load/dial.ts";
import { DIALECTS } from "../bench/load/dialect.ts";

/** Most bytes of what the handler says. */
const MAX_TEXT = 125;

/** Longest wait for an answer, in milliseconds. */
const PATIENCE = 15_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A client that asks one thing at a time. */
export class SoakClient {
  readonly #conn: Deno.Conn;
  readonly #ended: Promise<void>;
  #buffer = new Uint8Array(4 * 1_024);
  #filled = 0;
  #isClosing = false;
  #answer: PromiseWithResolvers<string> | undefined;
  /** What came from others. */
  pushed = 0;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.#ended = this.#read();
  }

  /** Connects to `host:port`. */
  static async connect(address: string): Promise<SoakClient> {
    const { conn } = await dial(address, DIALECTS.ws);
    return new SoakClient(conn);
  }

  /**
   * Says something and returns the answer.
   *
   * @throws {Deno.errors.TimedOut} If none comes.
   * @throws {Deno.errors.UnexpectedEof} If the gateway hangs up.
   */
  async ask(text: string): Promise<string> {
    const answer = Promise.withResolvers<string>();
    this.#answer = answer;
    const timer = setTimeout(() => {
      answer.reject(
        new Deno.errors.TimedOut(`Cannot hear an answer to "${text}"`),
      );
    }, PATIENCE);
    try {
      await writeAll(this.#conn, encodeMasked(encoder.encode(text)));
      return await answer.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Leaves: with a goodbye, or without. */
  async leave(how: "properly" | "at once"): Promise<void> {
    this.#isClosing = true;
    if (how === "properly") {
      const goodbye = encodeMasked(new Uint8Array([0x03, 0xe8]), Opcode.Close);
      await writeAll(this.#conn, goodbye).catch(() => {});
      await this.#ended;
    }
    this.#conn.close();
    await this.#ended;
  }

  async #read(): Promise<void> {
    try {
      while (true) {
        const count = await this.#conn.read(
          this.#buffer.subarray(this.#filled),
        );
        if (count === null) break;
        this.#take(count);
      }
    } catch (error) {
      // Its own end, or the gateway's: `ask` tells the difference.
      if (!this.#isClosing) this.#answer?.reject(error);
    }
    this.#answer?.reject(new Deno.errors.UnexpectedEof("The gateway hung up"));
  }

  /** Reads all whole frames; the handler's texts are short. */
  #take(count: number): void {
    const end = this.#filled + count;
    let at = 0;
    while (end - at >= 2) {
      const length = this.#buffer[at + 1] ?? 0;
      if (length > MAX_TEXT) throw new RangeError("Cannot read a long message");
      if (end - at < 2 + length) break;
      const opcode = (this.#buffer[at] ?? 0) & 15;
      const text = this.#buffer.subarray(at + 2, at + 2 + length);
      if (opcode === Opcode.Text) this.#hear(decoder.decode(text));
      at += 2 + length;
    }
    this.#buffer.copyWithin(0, at, end);
    this.#filled = end - at;
  }

  #hear(text: string): void {
    if (text.startsWith("=")) this.#answer?.resolve(text);
    else this.pushed++;
  }
}
