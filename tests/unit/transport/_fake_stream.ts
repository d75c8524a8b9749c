import { AddressSet } from "../../../lib/base/address_set.ts";
import type {
  ByteStream,
  ClientSocket,
} from "../../../lib/transport/socket/client_socket.ts";
import type {
  Connection,
  ConnectionListener,
  Keeper,
  Refusal,
  UpgradeRequest,
} from "../../../lib/transport/connection.ts";
import { DEFAULT_CLOSE_CODES } from "../../../lib/transport/close_codes.ts";
import { DEFAULT_HEAD_LIMITS } from "../../../lib/transport/http/http_head.ts";
import {
  healthRoutes,
  type HttpRoutes,
} from "../../../lib/transport/http/http_routes.ts";
import { TOO_MANY } from "../../../lib/transport/admission/refusal_answers.ts";
import { InflateQueue } from "../../../lib/transport/websocket/deflate/inflate_queue.ts";
import type { RateLimit } from "../../../lib/transport/admission/rate_meter.ts";
import type { WebSocketContext } from "../../../lib/transport/websocket/websocket_context.ts";
import { Surplus } from "../../../lib/transport/outgoing/surplus.ts";
import type { WriteWindow } from "../../../lib/transport/outgoing/write_window.ts";
import { roomLogger } from "../../../lib/observe/logger.ts";
import { SubprotocolLog } from "../../../lib/transport/admission/subprotocol_log.ts";
import { Sweep } from "../../../lib/transport/admission/sweep.ts";
import { Throttle } from "../../../lib/transport/admission/throttle.ts";
import { TokenBucket } from "../../../lib/transport/admission/token_bucket.ts";
import {
  type DeflateSettings,
  SharedDeflate,
} from "../../../lib/transport/websocket/deflate/websocket_deflate.ts";
import type { HandshakeRules } from "../../../lib/transport/websocket/websocket_handshake.ts";
import { Unfinished } from "../../../lib/transport/admission/unfinished.ts";
import { concat, text } from "./_feed.ts";

/** A socket in memory, whose other end is the test. */
export class FakeStream implements ByteStream {
  readonly remoteAddr: Deno.Addr;

  /** What each write was given, whether it has ended or not. */
  readonly writes: Uint8Array[] = [];
  /** The very arrays that were given. */
  readonly written: Uint8Array[] = [];
  /** Sizes of the buffers that were read into. */
  readonly readSizes: number[] = [];
  /** Whether writes end by themselves, taking everything. */
  isFast = true;
  isClosed = false;
  isHalfClosed = false;

  /** @param hostname Where the other end is. */
  constructor(hostname = "10.0.0.7") {
    this.remoteAddr = { transport: "tcp", hostname, port: 4_000 };
  }

  #incoming: (Uint8Array | null)[] = [];
  #reader:
    | { into: Uint8Array; end: PromiseWithResolvers<number | null> }
    | undefined;
  #writer: PromiseWithResolvers<number> | undefined;

  read(into: Uint8Array): Promise<number | null> {
    this.readSizes.push(into.length);
    const end = Promise.withResolvers<number | null>();
    this.#reader = { into, end };
    this.#pump();
    return end.promise;
  }

  write(source: Uint8Array): Promise<number> {
    this.writes.push(source.slice());
    this.written.push(source);
    if (this.isClosed) {
      return Promise.reject(new Deno.errors.BadResource("gone"));
    }
    if (this.isFast) return Promise.resolve(source.length);
    this.#writer = Promise.withResolvers<number>();
    return this.#writer.promise;
  }

  closeWrite(): Promise<void> {
    this.isHalfClosed = true;
    return Promise.resolve();
  }

  close(): void {
    if (this.isClosed) throw new Deno.errors.BadResource("closed twice");
    this.isClosed = true;
    this.#reader?.end.reject(new Deno.errors.Interrupted("closed"));
    this.#writer?.reject(new Deno.errors.Interrupted("closed"));
    this.#reader = this.#writer = undefined;
  }

  /** The client sends these bytes. */
  async deliver(...pieces: Uint8Array[]): Promise<void> {
    this.#incoming.push(concat(...pieces));
    this.#pump();
    await settle();
  }

  /** The client says that it will send nothing more. */
  async deliverEnd(): Promise<void> {
    this.#incoming.push(null);
    this.#pump();
    await settle();
  }

  /** The write in flight ends, having taken so many bytes. */
  async takeWrite(count = this.writes.at(-1)?.length ?? 0): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    writer?.resolve(count);
    await settle();
  }

  /** The connection breaks under the write in flight. */
  async failWrite(): Promise<void> {
    this.#writer?.reject(new Deno.errors.BrokenPipe("gone"));
    this.#writer = undefined;
    await settle();
  }

  /** The connection breaks under the read in flight. */
  async failRead(): Promise<void> {
    this.#reader?.end.reject(new Deno.errors.ConnectionReset("gone"));
    this.#reader = undefined;
    await settle();
  }

  /** All bytes written so far. */
  get output(): Uint8Array {
    return concat(...this.writes);
  }

  #pump(): void {
    const reader = this.#reader;
    const next = this.#incoming[0];
    if (reader === undefined || next === undefined) return;
    this.#reader = undefined;
    this.#incoming.shift();
    if (next === null) return reader.end.resolve(null);
    const count = Math.min(next.length, reader.into.length);
    reader.into.set(next.subarray(0, count));
    if (count < next.length) this.#incoming.unshift(next.slice(count));
    reader.end.resolve(count);
  }
}

/** Lets all promise jobs that are due run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

/** What a listener asks of a handshake if nobody told it anything. */
export const PLAIN_RULES: HandshakeRules = {
  head: DEFAULT_HEAD_LIMITS,
  subprotocols: [],
  origins: [],
  deflate: undefined,
};

/** What a listener would share with its sockets; time passes when the test says so. */
export class FakeContext implements WebSocketContext, Disposable {
  #time = 0;
  #inflateTime = 0;
  #turn: (() => void) | undefined;
  readonly sweep: Sweep = new Sweep({ now: () => this.#time });
  readonly handshakeTimeout = 100;
  readonly closeTimeout = 50;
  readonly authorizeTimeout = 200;
  readonly subprotocolLog = new SubprotocolLog(roomLogger("transport"));
  readonly closeCodes = DEFAULT_CLOSE_CODES;
  readonly throttle: Throttle = new Throttle();
  readonly discards: TokenBucket = new TokenBucket(Infinity, 0);
  writeWindow: WriteWindow | undefined;
  /** Lends nothing, unless a test says otherwise. */
  surplus: Surplus = new Surplus({ now: () => this.#time, limit: 0 });
  /** Takes one step in each turn; see `takeTurn`. */
  readonly inflateQueue: InflateQueue = new InflateQueue({
    now: () => this.#inflateTime += 1_000,
    schedule: (turn) => {
      this.#turn = turn;
      return () => this.#turn = undefined;
    },
  });
  readonly ended: ClientSocket[] = [];
  /** Where clients came from that told it late. */
  readonly hosts: string[] = [];
  rules: HandshakeRules = PLAIN_RULES;
  routes: HttpRoutes = healthRoutes(() => this.whyNotReady);
  /** Why no more clients should come. */
  whyNotReady: string | undefined;
  deflate: SharedDeflate | undefined;
  rate: RateLimit | undefined;
  unfinished: Unfinished = new Unfinished();
  trusted: AddressSet = new AddressSet([]);
  forwardedHeader = "x-forwarded-for";
  proxyProtocol = false;
  get awaitsProxy(): boolean {
    return this.proxyProtocol;
  }
  /** Whether there may be one more from where a client comes from. */
  isWelcoming = true;

  constructor(
    readonly maxMessage: number = 100_000,
    readonly sendBuffer: number = 1_000,
  ) {}

  keeper: Keeper | undefined;
  readonly visits = undefined;

  /** Why a client may not stay, with those of its address who are away. */
  whyNotStay(): Refusal | undefined {
    return undefined;
  }

  /** Lends so many bytes to clients from now on. */
  lend(limit: number): void {
    this.surplus = new Surplus({ now: () => this.#time, limit });
  }

  /** Compresses from now on. */
  compress(settings: Partial<DeflateSettings> = {}): SharedDeflate {
    const { threshold = 0, level = 6, contextTakeover = false } = settings;
    const { windowBits = 15 } = settings;
    const deflate = { threshold, level, contextTakeover, windowBits };
    this.rules = { ...this.rules, deflate };
    return this.deflate = new SharedDeflate(deflate, this.inflateQueue);
  }

  /** Lets the messages that wait to be decompressed go on by one step. */
  async takeTurn(): Promise<void> {
    const turn = this.#turn;
    this.#turn = undefined;
    turn?.();
    await settle();
  }

  /** Lets them go on until none is left; returns how many steps that took. */
  async takeAllTurns(): Promise<number> {
    let turns = 0;
    for (; this.inflateQueue.length > 0; turns++) await this.takeTurn();
    return turns;
  }

  enterFrom(_socket: ClientSocket, host: string): Refusal | undefined {
    this.hosts.push(host);
    return this.isWelcoming ? undefined : TOO_MANY;
  }

  onEnd(socket: ClientSocket): void {
    this.ended.push(socket);
  }

  /** Lets so many milliseconds pass. */
  async pass(time: number): Promise<void> {
    this.#time += time;
    this.sweep.look();
    await settle();
  }

  /** Lets so much time pass that nobody waits any more for a client to read. */
  async loseAllPatience(): Promise<void> {
    for (let each = 0; each < 7; each++) await this.pass(this.closeTimeout);
  }

  [Symbol.dispose](): void {
    this.writeWindow?.[Symbol.dispose]();
    this.sweep[Symbol.dispose]();
    this.throttle[Symbol.dispose]();
    this.deflate?.close();
  }
}

/** Writes down what happens on a connection, one line each. */
export class ConnectionLog implements ConnectionListener {
  readonly lines: string[] = [];
  connection: Connection | undefined;
  request: UpgradeRequest | undefined;
  /** Called for each message, after it was written down. */
  react: (message: string) => void = () => {};

  /** Decides on a request; lets it in at once if left out. */
  onRequest?: (
    request: UpgradeRequest,
    remoteAddress: string,
  ) => Promise<Refusal | undefined> | undefined;

  /** Ends the wait of a client that leaves; `undefined` if nobody waits. */
  answered: (() => void) | undefined;
  /** Whether clients that leave have answers to come. */
  owesAnswers = false;

  onLeaving(answered: () => void): boolean {
    if (!this.owesAnswers) return false;
    this.lines.push("leaving");
    this.answered = answered;
    return true;
  }

  onOpen(connection: Connection, request: UpgradeRequest | undefined): void {
    this.connection = connection;
    this.request = request;
    this.lines.push("open");
  }

  onMessage(
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): void {
    const message = text(buffer.slice(start, end));
    this.lines.push(`${binary ? "binary" : "text"} ${message}`);
    this.react(message);
  }

  onClose(code: number, reason: string): void {
    this.lines.push(`close ${code} ${reason}`);
  }
}
