import { Buffer } from "node:buffer";
import type http2 from "node:http2";
import type { Duplex } from "node:stream";
import { Inbox } from "../_support/inbox.ts";
import { clientFrame } from "../unit/transport/_feed.ts";
import { dial, dialHttp2, dialLazily, type Site, within } from "./site.ts";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** The code for a connection that ended without a close frame, as browsers say it. */
const NO_CLOSE_FRAME = 1006;

/** What a client asks for. */
export interface Request {
  /** Such as `/room`; `/` if left out. */
  readonly path?: string;
  /** Header lines besides those of every WebSocket. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it will stop reading. */
  readonly lazy?: boolean;
}

/** What a server answers to the request. */
export interface Answer {
  /** The status; 200 of HTTP/2 is said as 101. */
  readonly status: number;
  /** Header lines, names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The stream, and what came on it right behind the head. */
  readonly stream: Duplex;
  readonly rest: Uint8Array;
}

/** How a client's connection ended. */
export interface Ending {
  /** Of the close frame; 1006 if there was none. */
  readonly code: number;
  /** When, on the clock of `performance.now()`. */
  readonly at: number;
}

/** Sends a request for a WebSocket and resolves with the answer. */
export async function ask(site: Site, request: Request = {}): Promise<Answer> {
  if (!site.http2) {
    const stream = await (request.lazy ? dialLazily(site) : dial(site));
    return await askOn(stream, request);
  }
  const offer = await dialHttp2(site);
  if (!offer?.takesWebSockets) {
    throw new Error("Cannot ask: no WebSockets over HTTP/2 are taken there");
  }
  const { session } = offer;
  // Told to go elsewhere before it asked: as browsers do, on a connection of its own.
  if (session.closed || session.destroyed) return await ask(site, request);
  const answer = await askOver(session, request);
  answer.stream.once("close", () => session.close());
  return answer;
}

/** The same on a connection that is there. */
async function askOn(
  stream: Duplex,
  { path = "/", headers = {} }: Request,
): Promise<Answer> {
  const lines = Object.entries({
    Host: "localhost",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...headers,
  });
  stream.write(
    `GET ${path} HTTP/1.1\r\n${
      lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")
    }\r\n`,
  );
  const { head, rest } = await within("answer", readHead(stream));
  const [first = "", ...others] = head.split("\r\n");
  const pairs = others.map((line) => {
    const [name = "", ...value] = line.split(":");
    return [name.toLowerCase(), value.join(":").trim()] as const;
  });
  return {
    status: Number(first.split(" ")[1]),
    headers: new Map(pairs),
    stream,
    rest,
  };
}

/** Reads up to the empty line; what came instead if the connection ends before. */
function readHead(stream: Duplex): Promise<{ head: string; rest: Uint8Array }> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const onData = (chunk: Uint8Array) => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      stream.pause();
      stream.off("data", onData);
      stream.off("close", onClose);
      const rest = received.subarray(end + 4);
      resolve({ head: received.toString("latin1", 0, end), rest });
    };
    const onClose = () =>
      reject(new Error(`closed after ${received.length} bytes of an answer`));
    stream.on("data", onData);
    stream.once("close", onClose);
  });
}

/** Asks for a WebSocket on a connection of HTTP/2. */
export async function askOver(
  session: http2.ClientHttp2Session,
  { path = "/", headers = {} }: Request,
): Promise<Answer> {
  const stream = session.request({
    ":method": "CONNECT",
    ":protocol": "websocket",
    ":scheme": "https",
    ":authority": "localhost",
    ":path": path,
    "sec-websocket-version": "13",
    ...headers,
  }, { endStream: false });
  stream.on("error", () => {});
  const response = within(
    "answer",
    new Promise<http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader>(
      (resolve, reject) => {
        stream.once("response", resolve);
        stream.once("close", () => reject(new Error("closed unanswered")));
      },
    ),
  );
  const { ":status": status = 0, ...others } = await response;
  stream.pause();
  return {
    status: status === 200 ? 101 : status,
    headers: new Map(Object.entries(others).map(([k, v]) => [k, String(v)])),
    stream: stream as unknown as Duplex,
    rest: new Uint8Array(0),
  };
}

/** A WebSocket client that answers pings, and reads only while it is told to. */
export class Client implements Disposable {
  /** Messages in order. */
  readonly messages = new Inbox<string | Uint8Array>();
  /** Resolves at the end of the connection. */
  readonly closed: Promise<Ending>;
  readonly #stream: Duplex;
  readonly #closed = Promise.withResolvers<Ending>();
  #held: Uint8Array[] = [];
  #size = 0;
  #code: number | undefined;
  #payload = 0;

  private constructor({ stream, rest }: Answer) {
    this.closed = this.#closed.promise;
    this.#stream = stream;
    stream.on("data", (chunk: Uint8Array) => this.#take(chunk));
    stream.on("end", () => this.#end());
    stream.on("close", () => this.#end());
    if (rest.length > 0) this.#take(rest);
    stream.resume();
  }

  /**
   * Connects.
   *
   * @throws {Refused} If the answer is not 101.
   */
  static async connect(site: Site, request?: Request): Promise<Client> {
    return Client.of(await ask(site, request));
  }

  /**
   * Takes an answer on.
   *
   * @throws {Refused} If it is not 101.
   */
  static of(answer: Answer): Client {
    if (answer.status === 101) return new Client(answer);
    answer.stream.destroy();
    throw new Refused(answer.status);
  }

  /** Bytes of messages that came. */
  get received(): number {
    return this.#payload;
  }

  /** The next message, which must come soon. */
  async hear(): Promise<string | Uint8Array> {
    const over = this.closed.then(({ code }) => {
      throw new Error(`closed with ${code} while waiting for a message`);
    });
    return await within("message", Promise.race([this.messages.next(), over]));
  }

  /** Sends a message. */
  send(message: string | Uint8Array): void {
    const opcode = typeof message === "string" ? TEXT : BINARY;
    this.#write(clientFrame(opcode, message));
  }

  /** Sends a message and a close frame in one write. */
  sendAndLeave(message: string): void {
    const goodbye = clientFrame(CLOSE, Uint8Array.of(3, 232));
    this.#write(Buffer.concat([clientFrame(TEXT, message), goodbye]));
  }

  /** Reads no further. */
  pause(): void {
    this.#stream.pause();
  }

  /** Reads on. */
  resume(): void {
    this.#stream.resume();
  }

  /** Leaves as one should. */
  async leave(): Promise<void> {
    this.#write(clientFrame(CLOSE, Uint8Array.of(3, 232)));
    await within("end of the connection", this.closed);
  }

  /** Leaves without a word. */
  [Symbol.dispose](): void {
    this.#stream.destroy();
  }

  #write(bytes: Uint8Array): void {
    if (this.#stream.writable) this.#stream.write(bytes);
  }

  #take(chunk: Uint8Array): void {
    this.#held.push(chunk);
    this.#size += chunk.length;
    // Joined only when a frame is complete, or large messages would cost their square.
    while (this.#code === undefined && this.#next());
  }

  /** Takes one frame; returns whether there was a whole one. */
  #next(): boolean {
    const header = headerOf(this.#peek(10));
    if (header === undefined || header.end > this.#size) return false;
    const all = this.#held.length === 1 && this.#held[0] !== undefined
      ? this.#held[0]
      : Buffer.concat(this.#held);
    this.#held = [all.subarray(header.end)];
    this.#size = all.length - header.end;
    this.#frame(
      header.opcode,
      new Uint8Array(all.subarray(header.start, header.end)),
    );
    return true;
  }

  #peek(count: number): Uint8Array {
    const [first = new Uint8Array(0)] = this.#held;
    if (first.length >= count) return first;
    this.#held = [Buffer.concat(this.#held)];
    return this.#held[0] ?? first;
  }

  #frame(opcode: number, payload: Uint8Array): void {
    switch (opcode) {
      case PING:
        return this.#write(clientFrame(PONG, payload));
      case TEXT:
      case BINARY:
        this.#payload += payload.length;
        return this.messages.push(
          opcode === BINARY ? payload : new TextDecoder().decode(payload),
        );
      case CLOSE:
        this.#code = (payload[0] ?? 0) * 256 + (payload[1] ?? 0);
        this.#write(clientFrame(CLOSE, payload.subarray(0, 2)));
        this.#stream.end();
    }
  }

  #end(): void {
    const code = this.#code ?? NO_CLOSE_FRAME;
    this.#closed.resolve({ code, at: performance.now() });
    this.#stream.destroy();
  }
}

/** A server refused a WebSocket. */
export class Refused extends Error {
  override readonly name = "Refused";

  /** @param status The status that it answered with. */
  constructor(readonly status: number) {
    super(`refused with ${status}`);
  }
}

function headerOf(
  bytes: Uint8Array,
): { opcode: number; start: number; end: number } | undefined {
  const [first = 0, second = 0] = bytes;
  const short = second & 127;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return undefined;
  let length = start === 2 ? short : 0;
  for (const byte of bytes.subarray(2, start)) length = length * 256 + byte;
  return { opcode: first & 15, start, end: start + length };
}
