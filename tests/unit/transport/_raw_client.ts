import { assert } from "@std/assert";
import { bytes, concat, text } from "./_feed.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** A handshake that every server accepts. */
export const UPGRADE_REQUEST = "GET /room?id=7 HTTP/1.1\r\nHost: a\r\n" +
  "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
  `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`;

/** A client that says what the test says, byte for byte. */
export class RawClient implements Disposable {
  readonly #conn: Deno.Conn;
  #received: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Dials a listener on this machine. */
  static async dial({ port }: { port: number }): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Dials, and shakes hands. */
  static async upgrade(addr: { port: number }): Promise<RawClient> {
    const client = await RawClient.dial(addr);
    await client.say(UPGRADE_REQUEST);
    assert((await client.hearUntil("\r\n\r\n")).startsWith("HTTP/1.1 101 "));
    return client;
  }

  /** Sends all of it. */
  async say(what: string | Uint8Array): Promise<void> {
    let rest = typeof what === "string" ? bytes(what) : what;
    while (rest.length > 0) rest = rest.subarray(await this.#conn.write(rest));
  }

  /** Sends nothing more, and still listens. */
  async hangUp(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Waits for so many bytes. */
  async hear(count: number): Promise<Uint8Array> {
    while (this.#received.length < count) {
      assert(await this.#more(), `ended after ${this.#received.length} bytes`);
    }
    return this.#take(count);
  }

  /** Waits for a text, and returns everything up to its end. */
  async hearUntil(mark: string): Promise<string> {
    while (!text(this.#received).includes(mark)) {
      assert(await this.#more(), `ended before "${mark}"`);
    }
    const all = text(this.#received);
    return text(this.#take(all.indexOf(mark) + mark.length));
  }

  /** Waits for the end of the connection, and returns what came before it. */
  async hearAll(): Promise<Uint8Array> {
    while (await this.#more());
    return this.#take(this.#received.length);
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }

  #take(count: number): Uint8Array {
    const taken = this.#received.slice(0, count);
    this.#received = this.#received.slice(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    const buffer = new Uint8Array(65_536);
    const count = await this.#conn.read(buffer).catch(endOf);
    if (count === null) return false;
    this.#received = concat(this.#received, buffer.subarray(0, count));
    return true;
  }
}

/** A reset is an end too, and so is one of TLS that was not announced. */
function endOf(error: unknown): null {
  const isEnd = error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.UnexpectedEof;
  assert(isEnd, String(error));
  return null;
}
