import {
  ACCEPT,
  encodeClose,
  encodeText,
  FrameReader,
  Opcode,
  upgradeRequest,
} from "./client_frames.ts";
import type { EndingKind, JournalWriter } from "./journal.ts";
import { messageText, readAnswer } from "./script.ts";

/** Bytes of the read buffer of a client. */
const READ_LENGTH = 16 * 1024;

/** Most milliseconds that a gateway may take to answer a goodbye. */
const LEAVE_TIMEOUT = 60_000;

/** How long each answer took. */
export interface Latencies {
  /** Takes the milliseconds between a message and the answer to it. */
  add(milliseconds: number): void;
}

/** One connection of one client: sends numbered messages, writes down all that it sees. */
export class SwarmClient {
  readonly #conn: Deno.TcpConn;
  readonly #journal: JournalWriter;
  readonly #latencies: Latencies;
  readonly #reader = new FrameReader();
  readonly #sentAt = new Map<number, number>();
  readonly #finished: Promise<void>;
  #outbox: Uint8Array[] = [];
  #writing = false;
  #leaving: "left" | "stayed" | undefined;
  #leaveTimer: ReturnType<typeof setTimeout> | undefined;
  #code = 0;
  #isOver = false;
  /** What it calls this connection. */
  readonly name: string;
  /** Messages sent. */
  sent = 0;

  private constructor(
    conn: Deno.TcpConn,
    name: string,
    journal: JournalWriter,
    latencies: Latencies,
  ) {
    this.#conn = conn;
    this.name = name;
    this.#journal = journal;
    this.#latencies = latencies;
    this.#finished = this.#run();
  }

  /**
   * Connects.
   *
   * @returns The client; `undefined` if nobody let it in, which is in the journal then.
   */
  static async connect(
    port: number,
    name: string,
    gateway: number,
    journal: JournalWriter,
    latencies: Latencies,
  ): Promise<SwarmClient | undefined> {
    journal.append({ kind: "dial", name, gateway });
    let conn: Deno.TcpConn | undefined;
    try {
      conn = await Deno.connect({ hostname: "127.0.0.1", port });
      conn.setNoDelay(true);
      await shakeHands(conn, name);
      journal.append({ kind: "open", name });
      return new SwarmClient(conn, name, journal, latencies);
    } catch {
      // Whether that is allowed is for the checker to say.
      conn?.close();
      const ending = { how: "refused", code: 0, sent: 0 } as const;
      journal.append({ kind: "ended", name, ...ending });
      return undefined;
    }
  }

  /** Resolves when the connection is over. */
  get finished(): Promise<void> {
    return this.#finished;
  }

  /** Whether it can send. */
  get isOpen(): boolean {
    return !this.#isOver && this.#leaving === undefined;
  }

  /** Messages that were not answered yet. */
  get unanswered(): number {
    return this.#sentAt.size;
  }

  /** Sends the next message. */
  send(): void {
    const number = ++this.sent;
    this.#sentAt.set(number, performance.now());
    this.#queue(encodeText(messageText(this.name, number)));
  }

  /** Says goodbye. */
  leave(how: "left" | "stayed"): Promise<void> {
    if (this.isOpen) {
      this.#leaving = how;
      this.#queue(encodeClose(1000));
      this.#leaveTimer = setTimeout(() => this.#close(), LEAVE_TIMEOUT);
    }
    return this.#finished;
  }

  #queue(bytes: Uint8Array): void {
    this.#outbox.push(bytes);
    if (!this.#writing) void this.#write();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#outbox.length > 0) {
        const bytes = join(this.#outbox);
        this.#outbox = [];
        for (let at = 0; at < bytes.length;) {
          at += await this.#conn.write(bytes.subarray(at));
        }
      }
    } catch {
      // The gateway is gone: the reader finds out and tells.
      this.#outbox = [];
    }
    this.#writing = false;
  }

  async #run(): Promise<void> {
    const buffer = new Uint8Array(READ_LENGTH);
    try {
      while (!this.#isOver) {
        const count = await this.#conn.read(buffer);
        if (count === null) break;
        this.#take(buffer.subarray(0, count));
      }
    } catch {
      // Reset by the gateway, or closed by us: the same as an end.
    }
    this.#end();
  }

  #take(bytes: Uint8Array): void {
    const texts: string[] = [];
    for (const { opcode, text, code } of this.#reader.push(bytes)) {
      if (opcode === Opcode.Text) {
        texts.push(text);
        this.#note(text);
      } else if (opcode === Opcode.Close) {
        this.#code = code;
        if (this.#leaving === undefined) this.#queue(encodeClose(code));
      }
    }
    if (texts.length === 0) return;
    this.#journal.append({ kind: "heard", name: this.name, texts });
  }

  #note(text: string): void {
    const { kind, name, number } = readAnswer(text);
    if (kind !== "r" || name !== this.name) return;
    const sentAt = this.#sentAt.get(number);
    if (sentAt === undefined) return;
    this.#sentAt.delete(number);
    this.#latencies.add(performance.now() - sentAt);
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#leaveTimer);
    this.#sentAt.clear();
    this.#close();
    const { name, sent } = this;
    const code = this.#code;
    const how: EndingKind = code === 0
      ? "broken"
      : code === 1000 && this.#leaving !== undefined
      ? this.#leaving
      : "closed";
    this.#journal.append({ kind: "ended", name, how, code, sent });
  }

  #close(): void {
    try {
      this.#conn.close();
    } catch {
      // It is closed already.
    }
  }
}

async function shakeHands(conn: Deno.Conn, name: string): Promise<void> {
  const request = upgradeRequest(`/?name=${name}`);
  await conn.write(request);
  let answer = "";
  const byte = new Uint8Array(1);
  while (!answer.endsWith("\r\n\r\n")) {
    if (await conn.read(byte) === null) {
      throw new Deno.errors.UnexpectedEof(`Cannot connect ${name}: no answer`);
    }
    answer += String.fromCharCode(byte[0] ?? 0);
  }
  if (answer.startsWith("HTTP/1.1 101") && answer.includes(ACCEPT)) return;
  throw new Deno.errors.InvalidData(`Cannot connect ${name}: ${answer}`);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const whole = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
