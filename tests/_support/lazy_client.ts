/** A WebSocket client that reads only when it is told to. */
export class LazyClient implements Disposable {
  readonly #conn: Deno.TcpConn;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Connects, and waits until it is connected. */
  static async connect(addr: Deno.NetAddr): Promise<LazyClient> {
    const conn = await Deno.connect({ port: addr.port, hostname: "127.0.0.1" });
    await conn.write(new TextEncoder().encode(
      "GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n" +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    ));
    const answer = new Uint8Array(1);
    for (let seen = ""; !seen.endsWith("\r\n\r\n");) {
      await conn.read(answer);
      seen += String.fromCharCode(answer[0] ?? 0);
    }
    return new LazyClient(conn);
  }

  /** Sends a short text. */
  async send(text: string): Promise<void> {
    const payload = new TextEncoder().encode(text);
    const frame = new Uint8Array(6 + payload.length);
    frame.set([0x81, 0x80 | payload.length, 0, 0, 0, 0]);
    frame.set(payload, 6);
    await this.#conn.write(frame);
  }

  /** Reads texts of up to 65,535 bytes until one says `last`, or the server closes. */
  async readUntil(last: string): Promise<{ texts: string[]; code?: number }> {
    const texts: string[] = [];
    while (true) {
      const [first = 0, second = 0] = await this.#take(2);
      const [high = 0, low = 0] = second === 126 ? await this.#take(2) : [];
      const payload = await this.#take(
        second === 126 ? high * 256 + low : second,
      );
      if ((first & 15) === 8) {
        return { texts, code: (payload[0] ?? 0) * 256 + (payload[1] ?? 0) };
      }
      const text = new TextDecoder().decode(payload);
      texts.push(text.trimEnd());
      if (text.trimEnd() === last) return { texts };
    }
  }

  /** Leaves at once. */
  [Symbol.dispose](): void {
    this.#conn.close();
  }

  async #take(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const count = await this.#conn.read(bytes.subarray(at));
      if (count === null) {
        return new Uint8Array([0x88, 2, 1006 >> 8, 1006 & 255]).subarray(
          0,
          length,
        );
      }
      at += count;
    }
    return bytes;
  }
}
