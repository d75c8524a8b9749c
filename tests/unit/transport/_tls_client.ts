import { once } from "node:events";
import { connect as dial, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { bytes, concat } from "./_feed.ts";

/** How a {@linkcode TlsClient} connects, beside what `node:tls` takes. */
export interface TlsClientOptions extends ConnectionOptions {
  readonly port: number;
  /** Sent before TLS, in one segment with its first message. */
  readonly before?: Uint8Array | string;
}

/** A client that speaks TLS, and keeps what came beneath it. */
export class TlsClient implements Disposable {
  readonly #raw: Socket;
  readonly #beneath: Uint8Array[];
  #heard: Uint8Array = new Uint8Array(0);
  #hasEnded = false;

  /** What TLS is spoken with. */
  readonly socket: TLSSocket;

  /** What would resume this session; the last that came. */
  session: Uint8Array | undefined;

  private constructor(raw: Socket, socket: TLSSocket, beneath: Uint8Array[]) {
    this.#raw = raw;
    this.#beneath = beneath;
    this.socket = socket;
    socket.on("session", (session) => this.session = session);
    socket.on("data", (chunk) => this.#heard = concat(this.#heard, chunk));
    socket.on("end", () => this.#hasEnded = true);
    socket.on("close", () => this.#hasEnded = true);
    socket.on("error", () => this.#hasEnded = true);
  }

  /**
   * Connects, and shakes hands.
   *
   * @throws If that cannot be done.
   */
  static async dial(
    { port, before, ...options }: TlsClientOptions,
  ): Promise<TlsClient> {
    const raw = dial(port, "127.0.0.1");
    raw.setNoDelay(true);
    raw.on("error", () => {});
    await once(raw, "connect");
    const beneath: Uint8Array[] = [];
    const carrier = carrierOn(raw, before ?? "", beneath);
    const socket = connect({
      socket: carrier,
      host: "localhost",
      rejectUnauthorized: false,
      ...options,
    });
    const client = new TlsClient(raw, socket, beneath);
    const failed = once(raw, "close").then(() => {
      throw new Deno.errors.UnexpectedEof("No handshake of TLS");
    });
    failed.catch(() => {});
    try {
      await Promise.race([once(socket, "secureConnect"), failed]);
    } catch (error) {
      client[Symbol.dispose]();
      throw error;
    }
    return client;
  }

  /** Whether the other side has said goodbye as TLS does, and nothing after it. */
  get wasSaidGoodbye(): boolean {
    const records = concat(...this.#beneath);
    let last: Uint8Array = new Uint8Array(0);
    for (let at = 0; at < records.length;) {
      const length = (records[at + 3] ?? 0) << 8 | (records[at + 4] ?? 0);
      last = records.subarray(at, at + 5 + length);
      at += 5 + length;
    }
    // An alert; as of 1.3 it looks like data of two bytes, encrypted.
    return last[0] === 21 || (last[0] === 23 && last.length === 5 + 19);
  }

  /** Sends all of it. */
  async say(what: string | Uint8Array): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const chunk = typeof what === "string" ? bytes(what) : what;
    this.socket.write(chunk, (error) => error ? reject(error) : resolve());
    await promise;
  }

  /** Says goodbye as TLS does, and still listens. */
  hangUp(): void {
    this.socket.end();
  }

  /** Breaks the connection. */
  break(): void {
    this.#raw.resetAndDestroy();
  }

  /** Waits for so many bytes, and takes them. */
  async hear(length: number): Promise<Uint8Array> {
    await this.#until(() => this.#heard.length >= length);
    const taken = this.#heard.slice(0, length);
    this.#heard = this.#heard.slice(length);
    return taken;
  }

  /** Waits for an empty line, and takes all before it and itself. */
  async hearHead(): Promise<string> {
    let at = -1;
    const text = () => new TextDecoder().decode(this.#heard);
    await this.#until(() => (at = text().indexOf("\r\n\r\n")) >= 0);
    return new TextDecoder().decode(await this.hear(at + 4));
  }

  /** Waits for the end, and takes all before it. */
  async hearAll(): Promise<Uint8Array> {
    while (!this.#hasEnded) await this.#next();
    return await this.hear(this.#heard.length);
  }

  async #until(isHeard: () => boolean): Promise<void> {
    while (!isHeard()) {
      if (this.#hasEnded) throw new Deno.errors.UnexpectedEof("It has ended");
      await this.#next();
    }
  }

  async #next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const events = ["data", "end", "close", "error"];
    for (const event of events) this.socket.once(event, resolve);
    await promise;
    for (const event of events) this.socket.off(event, resolve);
  }

  [Symbol.dispose](): void {
    this.socket.on("error", () => {});
    this.socket.destroy();
    this.#raw.destroy();
  }
}

/** A stream over a socket that sends something first, and notes what comes. */
function carrierOn(
  raw: Socket,
  before: Uint8Array | string,
  beneath: Uint8Array[],
): Duplex {
  let first: Uint8Array | undefined = typeof before === "string"
    ? bytes(before)
    : before;
  const carrier = new Duplex({
    read() {},
    write(chunk: Uint8Array, _encoding, done) {
      const whole = first === undefined ? chunk : concat(first, chunk);
      first = undefined;
      raw.write(whole, (error) => done(error));
    },
    final(done) {
      raw.end(() => done());
    },
  });
  raw.on("data", (chunk) => {
    beneath.push(new Uint8Array(chunk));
    carrier.push(chunk);
  });
  raw.on("end", () => carrier.push(null));
  return carrier;
}
