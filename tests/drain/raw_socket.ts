import { encodeFrame } from "../../lib/transport/websocket/frames/websocket_frame.ts";

const decoder = new TextDecoder();

/** Where sockets are opened to, whatever their address says: as behind a balancer. */
export interface Place {
  readonly port: number;
}

/**
 * As much of a `WebSocket` as the client library uses, over TCP, that can be told not
 * to read for a while: browsers and Deno always read.
 */
export class RawSocket {
  binaryType = "";
  protocol = "";
  onopen: unknown = null;
  onmessage: unknown = null;
  onclose: unknown = null;
  onerror: unknown = null;
  #conn: Deno.TcpConn | undefined;
  #held: Uint8Array = new Uint8Array(0);
  #reading = Promise.withResolvers<void>();
  #isClosed = false;
  #writing: Promise<unknown> = Promise.resolve();

  /**
   * @param place Where to connect.
   * @param protocol The sub-protocol to offer; none if empty.
   */
  constructor(place: Place, protocol: string) {
    this.#reading.resolve();
    void this.#run(place.port, protocol);
  }

  /** Reads no more until told to. */
  stall(): void {
    this.#reading = Promise.withResolvers();
  }

  /** Reads again. */
  unstall(): void {
    this.#reading.resolve();
  }

  send(data: string | Uint8Array): void {
    if (this.#conn === undefined) throw new TypeError("It is not open");
    const isText = typeof data === "string";
    const payload = isText ? new TextEncoder().encode(data) : data;
    this.#write(masked(isText ? 1 : 2, payload));
  }

  close(code = 1000): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#write(masked(8, new Uint8Array([code >> 8, code & 0xff])));
    void this.#writing.then(() => this.#end());
  }

  async #run(port: number, protocol: string): Promise<void> {
    let end = { code: 1006, reason: "" };
    try {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      this.#conn = conn;
      this.#write(new TextEncoder().encode(requestOf(protocol)));
      end = await this.#read(conn, protocol);
    } catch {
      // Refused, reset, or closed here: 1006, as browsers say.
    }
    this.#end();
    if (this.#isClosed && end.code === 1006) return;
    this.#isClosed = true;
    call(this.onclose, end);
  }

  async #read(conn: Deno.TcpConn, protocol: string) {
    const head = await this.#upTo(conn, "\r\n\r\n");
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new TypeError(`Cannot upgrade: ${head.split("\r\n", 1)[0]}`);
    }
    this.protocol = protocol;
    call(this.onopen, {});
    while (true) {
      const [first = 0, second = 0] = await this.#take(conn, 2);
      let length = second & 0x7f;
      if (length === 126) length = numberIn(await this.#take(conn, 2));
      else if (length === 127) length = numberIn(await this.#take(conn, 8));
      const payload = await this.#take(conn, length);
      const opcode = first & 0x0f;
      if (opcode === 8) {
        const code = numberIn(payload.subarray(0, 2)) || 1005;
        return { code, reason: decoder.decode(payload.subarray(2)) };
      }
      if (opcode === 9) this.#write(masked(10, payload));
      if (opcode > 2) continue;
      const data = opcode === 1
        ? decoder.decode(payload)
        : payload.slice().buffer;
      call(this.onmessage, { data });
    }
  }

  async #upTo(conn: Deno.TcpConn, mark: string): Promise<string> {
    while (true) {
      const text = decoder.decode(this.#held);
      const at = text.indexOf(mark);
      if (at !== -1) {
        this.#held = this.#held.subarray(at + mark.length);
        return text.slice(0, at);
      }
      await this.#more(conn);
    }
  }

  async #take(conn: Deno.TcpConn, count: number): Promise<Uint8Array> {
    while (this.#held.length < count) await this.#more(conn);
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  async #more(conn: Deno.TcpConn): Promise<void> {
    await this.#reading.promise;
    const buffer = new Uint8Array(4_096);
    const count = await conn.read(buffer);
    if (count === null) throw new TypeError("It has ended");
    const joined = new Uint8Array(this.#held.length + count);
    joined.set(this.#held);
    joined.set(buffer.subarray(0, count), this.#held.length);
    this.#held = joined;
  }

  #write(bytes: Uint8Array): void {
    const conn = this.#conn;
    this.#writing = this.#writing.then(() => conn?.write(bytes)).catch(
      () => {},
    );
  }

  #end(): void {
    try {
      this.#conn?.close();
    } catch {
      // It was closed before.
    }
    this.#conn = undefined;
  }
}

function call(listener: unknown, event: unknown): void {
  if (typeof listener === "function") listener(event);
}

function requestOf(protocol: string): string {
  const offer = protocol === ""
    ? ""
    : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  return "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${offer}\r\n`;
}

function numberIn(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** A frame of a client, with a mask of zeros. */
function masked(opcode: number, payload: Uint8Array): Uint8Array {
  const plain = encodeFrame(opcode, payload);
  const header = plain.length - payload.length;
  const frame = new Uint8Array(plain.length + 4);
  frame.set(plain.subarray(0, header));
  frame[1] = (frame[1] ?? 0) | 0x80;
  frame.set(payload, header + 4);
  return frame;
}
