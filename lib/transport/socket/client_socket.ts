/**
 * Hot: the read loop of every client. One read is in flight at a time; all complete
 * messages of it are handed on before the next begins.
 *
 * @module
 */
import { type Address, formatAddress } from "../../base/address.ts";
import { SMALL_BUFFER } from "../../base/buffer_pool.ts";
import { canonicalIp } from "../../base/ip_address.ts";
import { closeQuietly } from "../../base/close_quietly.ts";
import {
  Outbox,
  type OutboxOwner,
  type OutboxRules,
} from "../outgoing/outbox.ts";
import { ReadBuffer } from "./read_buffer.ts";
import type { Sweep, Sweepable } from "../admission/sweep.ts";

/** All that a {@linkcode ClientSocket} needs of a `Deno.TcpConn` or `Deno.TlsConn`. */
export interface ByteStream {
  /** The other end. */
  readonly remoteAddr: Deno.Addr;
  /** Reads into `bytes`; `null` at the end. */
  read(bytes: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes and resolves with how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Tells the other end that nothing more will come. */
  closeWrite(): Promise<void>;
  /** Ends both directions; reads and writes in flight reject. */
  close(): void;
}

/** What the sockets of one listener share, whatever they are for. */
export interface SocketContext extends OutboxRules {
  /** Watches handshakes and closes. */
  readonly sweep: Sweep;
  /** Milliseconds that a closing connection may take to end. */
  readonly closeTimeout: number;
  /** A socket is gone. Called once for each. */
  onEnd(socket: ClientSocket): void;
}

/** What happens to a socket once its outbox is empty. It only ever moves down. */
const Farewell = {
  /** It stays. */
  None: 0,
  /** It says that nothing more will come, and waits until the client leaves. */
  HalfClose: 1,
  /** It is closed. */
  Close: 2,
} as const;

/** Looks of the sweep without a read after which a client counts as idle. */
const IDLE_TICKS = 2;

/** Bytes that are read and thrown away for the sake of a proper goodbye. */
const MAX_UNHEARD = 262_144;

/** Bytes in, bytes out, and an end: what connections of all protocols have in common. */
export abstract class ClientSocket implements Sweepable, OutboxOwner {
  readonly #stream: ByteStream;
  readonly #context: SocketContext;
  readonly #onRead: (count: number | null) => void;
  readonly #onReadFailed: () => void;

  readonly #buffer = new ReadBuffer();
  #lastTick: number;
  #farewell: typeof Farewell[keyof typeof Farewell] = Farewell.None;
  /** A read is in flight, or what it brought is being taken. */
  #isReading = false;
  #isPaused = false;
  #isHeld = false;
  /** Bytes that were thrown away after our goodbye; −1 before it. */
  #unheard = -1;
  #isEnded = false;

  /** What is on its way to the client. */
  protected readonly outbox: Outbox;

  /** Grows with every read: whoever sees it unchanged knows that the client was silent. */
  activity = 0;

  /** When this connection must be over; the sweep's. */
  deadline: number = Infinity;

  /**
   * Takes over an accepted connection; nothing is read before `start`.
   *
   * @param stream The accepted connection, owned from now on.
   * @param context What the sockets of the listener share.
   */
  constructor(stream: ByteStream, context: SocketContext) {
    this.#stream = stream;
    this.#context = context;
    this.#lastTick = context.sweep.tick;
    this.outbox = new Outbox(stream, context, this);
    this.#onRead = (count) => this.#took(count);
    this.#onReadFailed = () => this.#readFailed();
  }

  /**
   * Takes whole messages of `buffer[start, end)`.
   *
   * @param fresh How many of these bytes have just come; the others were here before.
   * @returns How many bytes were taken; the rest comes again, with more behind it.
   */
  protected abstract takeBytes(
    buffer: Uint8Array,
    start: number,
    end: number,
    fresh: number,
  ): number;
  /** Bytes that the first message not yet taken needs in all; 0 if unknown. */
  protected abstract get wanted(): number;
  /** The client will send nothing more. */
  protected abstract onClientEnd(): void;
  /** The socket is gone. Called once. */
  protected abstract onSocketEnd(): void;
  /** The time given with {@linkcode expire} is over. */
  abstract onDeadline(): void;

  /** The client's own address, `ip:port`, IPv6 in brackets. */
  get remoteAddress(): string {
    return formatAddress(this.peer);
  }

  /** Bytes accepted and not yet given to the operating system. */
  get queuedBytes(): number {
    return this.outbox.queuedBytes;
  }

  /** Whether reading stands still. */
  get isPaused(): boolean {
    return this.#isPaused || this.#isHeld;
  }

  /** Whether it is gone. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Stops reading after the chunk that is being parsed. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Reads again. */
  resume(): void {
    if (this.#isPaused) this.#lastTick = this.#context.sweep.tick;
    this.#isPaused = false;
    this.#read();
  }

  /** Begins to read. */
  start(): void {
    this.#read();
  }

  /** Ends now; what is queued is lost. */
  destroy(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#context.sweep.unwatch(this);
    this.outbox.close();
    closeQuietly(this.#stream);
    if (!this.#isReading) this.#buffer.release();
    queueMicrotask(() => this.#reportEnd());
  }

  /** A write begins that was held back. The outbox calls this. */
  onRelease(): void {
    // Nothing waits elsewhere.
  }

  /** What is queued has waited for too long. The outbox calls this. */
  onRecalled(): void {
    this.destroy();
  }

  /** Everything queued has left. The outbox calls this. */
  onDrained(): void {
    if (this.#farewell === Farewell.Close) this.destroy();
    else if (this.#farewell === Farewell.HalfClose) this.#halfClose();
  }

  /** The client takes nothing more. The outbox calls this. */
  onWriteFailed(): void {
    this.destroy();
  }

  /** Whoever connected to us: the client, or a proxy before it. */
  protected get peer(): Address {
    const { hostname, port } = this.#stream.remoteAddr as Deno.NetAddr;
    return { hostname: canonicalIp(hostname) ?? hostname, port };
  }

  /** Stops reading until `release`, whatever others say with `pause` and `resume`. */
  protected hold(): void {
    this.#isHeld = true;
  }

  /** Takes back `hold`; what was read and not taken comes again at once. */
  protected release(): void {
    if (this.#isHeld) this.#lastTick = this.#context.sweep.tick;
    this.#isHeld = false;
    if (this.#isReading || this.#isEnded || this.#buffer.filled === 0) {
      return this.#read();
    }
    this.#isReading = true;
    this.#took(0);
  }

  /** Gives this connection so many milliseconds to be over. */
  protected expire(timeout: number): void {
    if (!this.#isEnded) this.#context.sweep.watch(this, timeout);
  }

  /** Takes back {@linkcode expire}. */
  protected keep(): void {
    this.#context.sweep.unwatch(this);
  }

  /** Ends when what is queued has left. */
  protected endWhenDrained(): void {
    this.#sayFarewell(Farewell.Close);
  }

  /**
   * Says that nothing more will come when what is queued has left, then waits for
   * the client to leave: closing with bytes unread would cut off what it is still
   * to receive.
   */
  protected halfCloseWhenDrained(): void {
    this.#unheard = Math.max(this.#unheard, 0);
    this.#isHeld = false;
    this.resume();
    this.#sayFarewell(Farewell.HalfClose);
  }

  #sayFarewell(farewell: typeof Farewell[keyof typeof Farewell]): void {
    if (this.#farewell >= farewell) return;
    this.#farewell = farewell;
    this.expire(this.#context.closeTimeout);
    if (this.outbox.queuedBytes === 0) this.onDrained();
  }

  #halfClose(): void {
    // It fails if the client has left already, which the read in flight reports.
    this.#stream.closeWrite().catch(() => {});
  }

  #read(): void {
    if (this.#isReading || this.isPaused || this.#isEnded) return;
    this.#isReading = true;
    this.#stream.read(this.#buffer.space()).then(
      this.#onRead,
      this.#onReadFailed,
    );
  }

  #took(count: number | null): void {
    if (this.#isEnded) return this.#buffer.release();
    if (count === null) return this.#clientEnded();
    const buffer = this.#buffer;
    const end = buffer.filled + count;
    this.activity++;
    const { tick } = this.#context.sweep;
    const wasIdle = tick - this.#lastTick >= IDLE_TICKS;
    this.#lastTick = tick;
    const taken = this.#unheard < 0
      ? this.takeBytes(buffer.bytes as Uint8Array, 0, end, count)
      : this.#ignore(count, end);
    if (this.#isEnded) return buffer.release();
    if (taken === end || this.#unheard >= 0) {
      buffer.emptied(end, wasIdle && count < SMALL_BUFFER);
    } else buffer.keepRest(taken, end, this.wanted);
    this.#isReading = false;
    this.#read();
  }

  /**
   * What comes after our goodbye is thrown away, up to a limit: a client that sends
   * more than that is not going to leave by itself.
   */
  #ignore(count: number, end: number): number {
    this.#unheard += count;
    if (this.#unheard > MAX_UNHEARD) this.destroy();
    return end;
  }

  #clientEnded(): void {
    this.#isReading = false;
    this.#isPaused = true;
    if (this.#unheard >= 0) this.endWhenDrained();
    else this.onClientEnd();
  }

  #readFailed(): void {
    this.#isReading = false;
    if (this.#isEnded) return this.#buffer.release();
    this.destroy();
  }

  #reportEnd(): void {
    this.onSocketEnd();
    this.#context.onEnd(this);
  }
}
