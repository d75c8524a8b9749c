/**
 * Hot: the read loop of every client. One read is in flight at a time; all complete
 * messages of it are handed on before the next begins.
 *
 * @module
 */
import { type Address, formatAddress } from "../../base/address.ts";
import { SMALL_BUFFER } from "../../base/buffer_pool.ts";
import { canonicalIp } from "../../base/ip_address.ts";
import type { ClientCertificate } from "../../base/client_certificate.ts";
import type { ChunkTaker } from "../../base/tls_stream.ts";
import { closeQuietly } from "../../base/close_quietly.ts";
import type { Outbox, OutboxOwner, OutboxRules } from "../outgoing/outbox.ts";
import { giveOutbox, takeOutbox } from "../outgoing/outbox_pool.ts";
import { Farewell, Parting, type PartingRules } from "./parting.ts";
import { ReadBuffer } from "./read_buffer.ts";
import type { Sweep, Sweepable } from "../admission/sweep.ts";

/** All that a {@linkcode ClientSocket} needs of a `Deno.TcpConn` or `Deno.TlsConn`. */
export interface ByteStream {
  /** The other end. */
  readonly remoteAddr: Deno.Addr;
  /** What the client has shown of itself, where it was asked. */
  readonly certificate?: ClientCertificate | undefined;
  /** Reads into `bytes`; `null` at the end. */
  read(bytes: Uint8Array): Promise<number | null>;
  /**
   * Gives `taker` what comes next, once, where it lies. A stream that has this is read
   * by nothing else.
   */
  readChunk?(taker: ChunkTaker): void;
  /** Writes some of the bytes and resolves with how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Tells the other end that nothing more will come. */
  closeWrite(): Promise<void>;
  /** Ends both directions; reads and writes in flight reject. */
  close(): void;
}

/** What the sockets of one listener share, whatever they are for. */
export interface SocketContext extends OutboxRules, PartingRules {
  /** Watches handshakes and closes. */
  readonly sweep: Sweep;
  /** Milliseconds in which nothing moves after which a closing connection is cut off. */
  readonly closeTimeout: number;
  /** A socket is gone. Called once for each. */
  onEnd(socket: ClientSocket): void;
}

/** Looks of the sweep without a read after which a client counts as idle. */
const IDLE_TICKS = 2;

/** Bytes in, bytes out, and an end: what connections of all protocols have in common. */
export abstract class ClientSocket
  implements Sweepable, OutboxOwner, ChunkTaker {
  readonly #stream: ByteStream;
  readonly #context: SocketContext;
  readonly #onRead: ((count: number | null) => void) | undefined;
  readonly #onReadFailed: (() => void) | undefined;
  readonly #buffer = new ReadBuffer();
  #lastTick: number;
  /** How it ends; `undefined` while it does not. */
  #parting: Parting | undefined;
  /** A read is in flight, or what it brought is being taken. */
  #isReading = false;
  #isPaused = false;
  #isHeld = false;
  #isEnded = false;
  /** There is one only while there is something in it. */
  #outbox: Outbox | undefined;

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
    if (stream.readChunk !== undefined) return;
    this.#onRead = (count) => this.#took(count);
    this.#onReadFailed = () => this.onReadFailed();
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
    return this.#outbox?.queuedBytes ?? 0;
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
    this.#outbox?.close();
    this.#parting?.end();
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

  /** Something has come, or nothing more does. The stream calls this. */
  onChunk(chunk: Uint8Array<ArrayBuffer> | null, count: number): void {
    if (chunk === null || this.#isEnded) return this.#took(null);
    this.#buffer.adopt(chunk, count, this.wanted);
    this.#took(count);
  }

  /** Nothing can be read any more. The stream calls this. */
  onReadFailed(): void {
    this.#isReading = false;
    if (this.#isEnded) return this.#buffer.release();
    this.destroy();
  }

  /** Everything queued has left. The outbox calls this. */
  onDrained(): void {
    if (this.#parting !== undefined) return this.#takeLeave(this.#parting);
    const outbox = this.#outbox;
    if (outbox === undefined || !outbox.isIdle) return;
    this.#outbox = undefined;
    giveOutbox(outbox);
  }

  /** The client takes nothing more. The outbox calls this. */
  onWriteFailed(): void {
    this.destroy();
  }

  /** What is on its way to the client. */
  protected get outbox(): Outbox {
    return this.#outbox ??= this.#takeOutbox();
  }

  /** Whoever connected to us: the client, or a proxy before it. */
  protected get peer(): Address {
    const { hostname, port } = this.#stream.remoteAddr as Deno.NetAddr;
    return { hostname: canonicalIp(hostname) ?? hostname, port };
  }

  /** What the client has shown of itself, where it was asked. */
  protected get certificate(): ClientCertificate | undefined {
    return this.#stream.certificate;
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

  /** Gives the client so many milliseconds for what it has to do; none for all. */
  giveTime(timeout: number | undefined): void {
    if (timeout === undefined) this.keep();
    else this.expire(timeout);
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
   *
   * @param period Milliseconds for which that is waited while nothing moves.
   */
  protected halfCloseWhenDrained(period = this.#context.closeTimeout): void {
    this.part(period).isDeaf = true;
    this.#isHeld = false;
    this.resume();
    this.#sayFarewell(Farewell.HalfClose);
  }

  /** Begins to end: from now on there is time as long as something moves. */
  protected part(period = this.#context.closeTimeout): Parting {
    const parting = this.#parting ??= new Parting(
      period,
      this.activity,
      this.#context,
    );
    this.expire(parting.period);
    return parting;
  }

  /** The time of {@linkcode part} is over: there is more if anything moved. */
  protected goOnParting(): void {
    const parting = this.#parting;
    if (parting?.goesOn(this.queuedBytes, this.activity)) {
      this.expire(parting.period);
    } else this.destroy();
  }

  #takeOutbox(): Outbox {
    const outbox = takeOutbox(this.#stream, this.#context, this);
    if (this.#isEnded) outbox.close();
    return outbox;
  }

  #sayFarewell(farewell: Farewell): void {
    const parting = this.part();
    if (parting.farewell >= farewell) return;
    parting.farewell = farewell;
    if (this.queuedBytes === 0) this.onDrained();
  }

  #takeLeave(parting: Parting): void {
    if (parting.farewell === Farewell.Close) return this.destroy();
    parting.drained();
    this.expire(parting.period);
    if (parting.farewell === Farewell.None) return;
    // It fails if the client has left already, which the read in flight reports.
    this.#stream.closeWrite().catch(() => {});
  }

  #read(): void {
    if (this.#isReading || this.isPaused || this.#isEnded) return;
    if (this.#parting?.isResting) return;
    this.#isReading = true;
    const stream = this.#stream;
    if (this.#onRead === undefined) stream.readChunk?.(this);
    else {
      stream.read(this.#buffer.space()).then(this.#onRead, this.#onReadFailed);
    }
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
    const taken = this.#parting?.isDeaf
      ? this.#ignore(count, end)
      : this.takeBytes(buffer.bytes as Uint8Array, 0, end, count);
    if (this.#isEnded) return buffer.release();
    if (taken === end || this.#parting?.isDeaf) {
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
    if (this.#parting?.ignore(count)) this.#parting.rest(() => this.#read());
    else this.destroy();
    return end;
  }

  #clientEnded(): void {
    this.#isReading = false;
    this.#isPaused = true;
    if (this.#parting?.isDeaf) this.endWhenDrained();
    else this.onClientEnd();
  }

  #reportEnd(): void {
    this.onSocketEnd();
    this.#context.onEnd(this);
  }
}
