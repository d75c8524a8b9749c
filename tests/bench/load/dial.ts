import { SERVER_AUTHORITY } from "./certificates.ts";
import { encodeMasked, Opcode } from "./client_frames.ts";
import type { Dialect } from "./dialect.ts";

/** A fixed key and the answer that RFC 6455 gives for it. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** Most bytes of an upgrade response, or of one message before the load. */
const MAX_TALK = 4_096;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A WebSocket connection that is ready for the load. */
export interface Dialled {
  /** The socket. */
  readonly conn: Deno.Conn;
  /** What has come already and was not looked at. */
  readonly rest: Uint8Array;
  /** Messages that were waited for. */
  readonly received: number;
}

/**
 * Connects, upgrades, greets; then says `hello` and waits for one message, if given.
 *
 * @param address `host:port`; `wss://host:port` over TLS.
 * @param dialect What the server speaks inside WebSocket messages.
 * @param hello A message that the server answers with one message; "" only waits
 * for one.
 */
export async function dial(
  address: string,
  dialect: Dialect,
  hello?: string,
): Promise<Dialled> {
  const conn = await connect(address);
  try {
    const talker = new Talker(conn);
    await talker.upgrade(addressOf(address).host, dialect);
    await dialect.greet(talker);
    if (hello) await talker.say(dialect.before + hello + dialect.after);
    if (hello !== undefined) await talker.hear();
    const received = hello === undefined ? 0 : 1;
    if (dialect.isCounted && received > 0) await talker.say("a1");
    return { conn, rest: talker.rest, received };
  } catch (error) {
    conn.close();
    throw error;
  }
}

/** Connects to `host:port`, or `wss://host:port`; small writes leave at once. */
export async function connect(address: string): Promise<Deno.Conn> {
  const { hostname, host, port } = addressOf(address);
  const conn = await Deno.connect({ hostname, port: Number(port) });
  conn.setNoDelay(true);
  if (host === address) return conn;
  return await Deno.startTls(conn, { hostname, caCerts: [SERVER_AUTHORITY] });
}

function addressOf(address: string): URL {
  return new URL(address.includes("://") ? address : `ws://${address}`);
}

/** Says goodbye, waits for the server to hang up, and hangs up. */
export async function hangUp(conn: Deno.Conn): Promise<void> {
  const scratch = new Uint8Array(512);
  try {
    await writeAll(
      conn,
      encodeMasked(new Uint8Array([0x03, 0xe8]), Opcode.Close),
    );
    while (await conn.read(scratch) !== null);
  } catch {
    // The server left first: there is nobody to say goodbye to.
  }
  conn.close();
}

/** Writes all the bytes. */
export async function writeAll(
  conn: Deno.Conn,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(at === 0 ? bytes : bytes.subarray(at));
  }
}

/** Reads and writes what comes before the load, with no thought of speed. */
class Talker {
  readonly #conn: Deno.Conn;
  readonly #buffer = new Uint8Array(MAX_TALK);
  #filled = 0;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  get rest(): Uint8Array {
    return this.#buffer.slice(0, this.#filled);
  }

  async upgrade(host: string, { target, protocol }: Dialect): Promise<void> {
    const offer = protocol === undefined
      ? ""
      : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
    const request =
      `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n${offer}\r\n`;
    await writeAll(this.#conn, encoder.encode(request));
    let end = -1;
    while ((end = this.#text().indexOf("\r\n\r\n")) < 0) await this.#fill();
    const response = this.#text().slice(0, end);
    this.#drop(end + 4);
    if (!/^HTTP\/1\.1 101 /.test(response) || !response.includes(ACCEPT)) {
      throw new TypeError(
        `Cannot upgrade as the answer must be 101: "${response.slice(0, 80)}"`,
      );
    }
  }

  readonly say = async (text: string): Promise<void> => {
    await writeAll(this.#conn, encodeMasked(encoder.encode(text)));
  };

  readonly hear = async (): Promise<string> => {
    while (true) {
      await this.#fillTo(2);
      const [first = 0, second = 0] = this.#buffer;
      const head = second === 126 ? 4 : 2;
      await this.#fillTo(head);
      const length = head === 2
        ? second
        : this.#buffer[2] as number * 256 + (this.#buffer[3] ?? 0);
      await this.#fillTo(head + length);
      const text = decoder.decode(this.#buffer.subarray(head, head + length));
      this.#drop(head + length);
      if ((first & 15) < Opcode.Close) return text;
    }
  };

  async #fillTo(size: number): Promise<void> {
    while (this.#filled < size) await this.#fill();
  }

  async #fill(): Promise<void> {
    const count = await this.#conn.read(this.#buffer.subarray(this.#filled));
    if (!count) {
      throw new TypeError(
        "Cannot start client as the server must stay: it hung up",
      );
    }
    this.#filled += count;
  }

  #text(): string {
    return decoder.decode(this.#buffer.subarray(0, this.#filled));
  }

  #drop(size: number): void {
    this.#buffer.copyWithin(0, size, this.#filled);
    this.#filled -= size;
  }
}
