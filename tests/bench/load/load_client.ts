/**
 * One client under load: a socket, its frame made once, replies read by headers.
 *
 * Hot: `send` runs for every message, and only copies and patches.
 *
 * @module
 */
import {
  encodeMasked,
  MASK,
  maskedHeaderSize,
  Opcode,
  type ReplyListener,
  ReplyReader,
} from "./client_frames.ts";
import { type Dialled, writeAll } from "./dial.ts";
import type { Dialect } from "./dialect.ts";
import {
  encodePayload,
  SEQUENCE_AT,
  SEQUENCE_DIGITS,
  ZERO,
} from "./payload.ts";

/** Code of the letter "2", which is a ping in Socket.IO, and its answer. */
const SOCKET_IO_PING = 50;
const SOCKET_IO_PONG = encodeMasked(new Uint8Array([51]));

/** Codes of the letters "a" and "p": what `gatewayworker.v1` says of its counting. */
const ACKNOWLEDGE = 97;
const PING = 112;

/** Counted messages after which the server is told of them. */
const CHECKPOINT = 32;

const encoder = new TextEncoder();

/** Who is told what clients receive. */
export interface Audience {
  /** Bytes came to some client; what is in them is told next. */
  onRead(): void;
  /** A message came to a client; -1 for what could not be read. */
  onMessage(receiver: number, sender: number, sequence: number): void;
  /** A client lost its connection. */
  onLost(client: number): void;
}

/** What a client sends. */
export interface Mail {
  /** Index of this client. */
  readonly sender: number;
  /** Whom its messages are for. */
  readonly target: number;
  /** Bytes of a message. */
  readonly size: number;
}

/** Clients with bytes to write when the chunk at hand has been read. */
let touched: LoadClient[] = [];

/** Starts the writes of all that was sent since the last time. */
export function flushAll(): void {
  const clients = touched;
  touched = [];
  for (const client of clients) client.flush();
}

/** A connected client. */
export class LoadClient implements ReplyListener {
  readonly #index: number;
  readonly #conn: Deno.Conn;
  readonly #audience: Audience;
  readonly #reader: ReplyReader;
  readonly #frame: Uint8Array;
  readonly #payloadAt: number;
  readonly #sequenceAt: number;
  readonly #rest: Uint8Array;
  readonly #isCounted: boolean;
  /** Counted messages that came, the one that was waited for before the load included. */
  #received: number;
  #acknowledged: number;
  #outbox: Uint8Array;
  #spare: Uint8Array;
  #queued = 0;
  #writing = false;
  #closed = false;

  constructor(
    dialled: Dialled,
    mail: Mail,
    options: { dialect: Dialect; readBuffer: number; audience: Audience },
  ) {
    const { dialect } = options;
    const before = encoder.encode(dialect.before);
    const text = join(
      before,
      encodePayload(mail.sender, mail.target, mail.size),
      encoder.encode(dialect.after),
    );
    this.#index = mail.sender;
    this.#conn = dialled.conn;
    this.#audience = options.audience;
    this.#frame = encodeMasked(text);
    this.#payloadAt = maskedHeaderSize(text.length);
    this.#sequenceAt = this.#payloadAt + before.length + SEQUENCE_AT;
    this.#outbox = this.#spare = new Uint8Array(0);
    const shape = { length: text.length, lead: before.length };
    this.#reader = new ReplyReader(options.readBuffer, shape, this);
    this.#rest = dialled.rest;
    this.#isCounted = dialect.isCounted ?? false;
    this.#received = this.#acknowledged = dialled.received;
  }

  /** Sends the message with this number. */
  send(sequence: number): void {
    const frame = this.#frame;
    const head = this.#payloadAt;
    let rest = sequence;
    for (let i = SEQUENCE_DIGITS - 1; i >= 0; i--, rest >>>= 4) {
      const at = this.#sequenceAt + i;
      frame[at] = (ZERO + (rest & 15)) ^ (MASK[(at - head) & 3] as number);
    }
    this.#append(frame);
  }

  /** Starts a write if there are bytes and none is in flight. */
  flush(): void {
    if (this.#writing || this.#queued === 0 || this.#closed) return;
    this.#writing = true;
    void this.#write();
  }

  /** Reads until the connection ends. */
  async run(): Promise<void> {
    const reader = this.#reader;
    reader.buffer.set(this.#rest);
    reader.push(this.#rest.length);
    try {
      while (true) {
        const count = await this.#conn.read(
          reader.buffer.subarray(reader.filled),
        );
        if (count === null) break;
        this.#audience.onRead();
        reader.push(count);
        flushAll();
      }
    } catch {
      // A reset is as good an end as any: it is counted below.
    }
    if (!this.#closed) this.#audience.onLost(this.#index);
    this.close();
  }

  /** Ends the connection, with a goodbye if there is room for one. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  onMessage(sender: number, sequence: number): void {
    this.#received++;
    if (this.#isCounted && this.#received - this.#acknowledged >= CHECKPOINT) {
      this.#acknowledge();
    }
    this.#audience.onMessage(this.#index, sender, sequence);
  }

  onOther(opcode: number, bytes: Uint8Array): void {
    if (opcode === Opcode.Ping) {
      return this.#append(encodeMasked(bytes, Opcode.Pong));
    }
    if (opcode >= Opcode.Close) return;
    if (bytes.length === 1 && bytes[0] === SOCKET_IO_PING) {
      return this.#append(SOCKET_IO_PONG);
    }
    if (this.#isCounted && bytes[0] === ACKNOWLEDGE) return;
    if (this.#isCounted && bytes[0] === PING) return this.#acknowledge();
    this.#audience.onMessage(this.#index, -1, -1);
  }

  #acknowledge(): void {
    this.#acknowledged = this.#received;
    this.#append(encodeMasked(encoder.encode(`a${this.#received}`)));
  }

  #append(frame: Uint8Array): void {
    if (this.#queued === 0) touched.push(this);
    const end = this.#queued + frame.length;
    if (end > this.#outbox.length) this.#grow(end);
    this.#outbox.set(frame, this.#queued);
    this.#queued = end;
  }

  #grow(size: number): void {
    const larger = new Uint8Array(Math.max(size, this.#outbox.length * 2));
    larger.set(this.#outbox.subarray(0, this.#queued));
    this.#outbox = larger;
  }

  async #write(): Promise<void> {
    try {
      while (this.#queued > 0 && !this.#closed) {
        const bytes = this.#outbox.subarray(0, this.#queued);
        const sent = this.#outbox;
        this.#outbox = this.#spare;
        this.#queued = 0;
        await writeAll(this.#conn, bytes);
        this.#spare = sent;
      }
    } catch {
      // The reader of this connection sees the end, too, and reports it.
    }
    this.#writing = false;
  }
}

function join(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((size, part) => size + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
