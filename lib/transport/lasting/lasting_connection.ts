/**
 * Hot: a client's session here, with a socket or without: to others, its connection.
 *
 * @module
 */
import {
  CLOSE_GOING_AWAY,
  type CloseReason,
  type Connection,
  type ConnectionListener,
  type Meter,
  type QueuePolicy,
  type SendResult,
} from "../connection.ts";
import type { LastingSocket } from "../socket/lasting_socket.ts";
import type { AttachedSession, Attachment } from "./attachment.ts";
import { controlFrame, LastingCodec, writeMessage } from "./lasting_codec.ts";
import { BinaryLetter, Letter, readCounter } from "./letters.ts";
import { gapFrame, laterFrame, replay } from "./replay.ts";
import { broken, LATER, LEFT, LOST, mayReturn, REPLACED } from "./reasons.ts";
import { Receipt, type ReceiptOwner } from "./receipt.ts";
import { Ring } from "./ring.ts";
import type { SharedKeeping } from "./shared_keeping.ts";
import { Silence } from "./silence.ts";
import { isTyped, isTypedHeader, readTraceparent } from "./typed_frame.ts";

/** A connection that outlives its sockets. */
export class LastingConnection
  implements Connection, AttachedSession, ReceiptOwner {
  readonly #shared: SharedKeeping<LastingConnection>;
  #attachment: Attachment | undefined;
  #ending: CloseReason | undefined;
  #isOver = false;
  #droppedBefore = 0;
  #meter: Meter | undefined;
  readonly #silence = new Silence();

  /** What clients like this one speak. */
  codec: LastingCodec;
  /** Who is told. */
  readonly listener: ConnectionListener;
  /** What was sent. */
  readonly ring: Ring;
  /** Says which it is, and nothing else. */
  readonly id: string;
  /** The client's own address, `ip:port`. */
  remoteAddress: string;
  /** Milliseconds for which the client may be away. */
  window: number;
  /** What came. */
  readonly receipt: Receipt;
  /** When to look whether the client is there. */
  lookAt = 0;
  /** When the last socket went; `Infinity` while there is one. */
  awaySince = Infinity;
  isPaused = false;
  /** Hash of the token that was issued last. */
  token = "";
  /** Hash of the one before, as long as nobody knows whether the welcome was read; or empty. */
  formerToken = "";
  /** When the former token is good no longer. */
  formerUntil = 0;

  /**
   * A client has come; it is told so by {@linkcode LastingConnection.attach}.
   *
   * @param attachment Its socket.
   * @param listener Who is told of the session.
   */
  constructor(
    shared: SharedKeeping<LastingConnection>,
    { socket }: Attachment,
    { listener, id, window }: Pick<
      LastingConnection,
      "listener" | "id" | "window"
    >,
  ) {
    this.#shared = shared;
    this.listener = listener;
    this.id = id;
    this.window = window;
    this.codec = LastingCodec.over(socket.codec);
    this.ring = new Ring(shared.pool);
    this.receipt = new Receipt(this);
    this.remoteAddress = socket.remoteAddress;
  }

  /** Whether somebody could go on with it. */
  get isOpen(): boolean {
    return this.#ending === undefined && !this.#isOver;
  }

  get queuedBytes(): number {
    return this.#socket?.queuedBytes ?? this.ring.bytes;
  }

  get activity(): number {
    return this.#socket?.activity ?? 0;
  }

  get dropped(): number {
    return this.#droppedBefore + (this.#socket?.dropped ?? 0);
  }

  get #socket(): LastingSocket | undefined {
    return this.#attachment?.socket;
  }

  get #openSocket(): LastingSocket | undefined {
    const socket = this.#socket;
    return socket?.isOpen ? socket : undefined;
  }

  /**
   * A socket takes over, from another one or from none.
   *
   * @param received Counted frames that the client has.
   * @param welcome What it is told, beside what is known here.
   * @returns Frames that it misses.
   */
  attach(
    attachment: Attachment,
    received: number,
    welcome: Readonly<Record<string, unknown>>,
  ): number {
    const { socket } = attachment;
    this.detach(REPLACED);
    this.#attachment = attachment;
    this.awaySince = Infinity;
    this.remoteAddress = socket.remoteAddress;
    this.#silence.begin();
    this.#meter = socket.meter = this.#meter ?? socket.meter;
    this.#speak(LastingCodec.over(socket.codec));
    const gap = Math.max(0, this.ring.gone - received);
    this.ring.trim(received);
    this.#droppedBefore += gap;
    if (gap > 0) this.#shared.gaps.note(gap);
    const text = JSON.stringify({
      ...welcome,
      in: this.receipt.received,
      gap,
      ...(this.listener.onTrace && { trace: true }),
    });
    socket.sendBeyond(controlFrame(`w${text}`));
    replay(socket, this.ring.after(received), (count) => this.gap(count));
    const { handled } = this.receipt;
    if (handled > 0) socket.sendBeyond(controlFrame(`a${handled}`));
    if (this.isPaused) socket.pause();
    else socket.resume();
    return gap;
  }

  /** Its socket is gone. */
  onSocketEnd(attachment: Attachment, code: number, reason: string): void {
    if (attachment !== this.#attachment) return;
    this.#droppedBefore += attachment.socket.dropped;
    this.#attachment = undefined;
    const isOver = this.#ending !== undefined || !mayReturn(code);
    if (isOver) return this.#end(code, reason);
    this.awaySince = this.#shared.time;
    this.#shared.onAway(this);
    this.listener.onAway?.(code, reason, this.window);
  }

  /** Hot: a message came on its socket. */
  take(buffer: Uint8Array, start: number, end: number, binary: boolean): void {
    const letter = buffer[start];
    const message = binary ? BinaryLetter.Message : Letter.Message;
    // Whoever goes on has read the welcome, and has the token in it.
    if (this.formerToken !== "") this.#shared.confirm(this);
    if (letter === message && end > start) {
      this.receipt.count();
      return this.listener.onMessage(buffer, start + 1, end, binary);
    }
    if (end === start) return this.#fault("a frame begins with its letter");
    if (binary && letter === BinaryLetter.Reply) {
      return this.#takeTyped(buffer, start, end);
    }
    if (binary) return this.#fault("a binary frame begins with 1 or 2");
    this.#takeText(letter as number, buffer, start, end);
  }

  send(
    source: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): SendResult {
    const size = this.codec.shortSize(end - start);
    if (size === 0) {
      return this.sendEncoded(
        this.codec.encodePart(source, start, end, binary),
      );
    }
    if (!this.isOpen) return "dropped";
    const { ring } = this;
    const at = ring.reserve(size);
    const { memory } = ring.short;
    writeMessage(memory, at, source, start, end, binary);
    const result = this.#openSocket?.sendRaw(memory, at, at + size);
    ring.shrink();
    return kept(result);
  }

  sendEncoded(frame: Uint8Array): SendResult {
    if (!this.isOpen) return "dropped";
    this.ring.push(frame);
    return kept(this.#openSocket?.sendEncoded(frame));
  }

  /** Goes past all counting, and is not kept. */
  sendRaw(bytes: Uint8Array): SendResult {
    return this.#socket?.sendRaw(bytes) ?? "dropped";
  }

  offer(frame: Uint8Array, policy: QueuePolicy, key?: string): SendResult {
    if (!this.isOpen) return "dropped";
    this.ring.push(frame);
    return this.#openSocket?.offer(frame, policy, key) ?? "queued";
  }

  /** A gateway pings these clients itself: see {@linkcode LastingConnection.look}. */
  ping(): boolean {
    return false;
  }

  close(reason: CloseReason): void {
    if (!this.isOpen) return;
    this.#ending = reason;
    this.#shared.onClosing(this);
    const socket = this.#socket;
    if (socket === undefined) return this.#endSoon(reason);
    if (reason === CLOSE_GOING_AWAY) {
      this.moveOn(Math.random() * this.#shared.spread);
    }
    socket.close(reason);
  }

  moveOn(after: number): void {
    this.#openSocket?.sendBeyond(laterFrame(after));
  }

  destroy(): void {
    if (this.#isOver) return;
    if (this.isOpen) this.#shared.onClosing(this);
    this.#ending ??= LOST;
    if (this.#socket !== undefined) this.#socket.destroy();
    else this.#endSoon(this.#ending);
  }

  leave(reason: CloseReason): void {
    this.#socket?.close(reason);
  }

  tellExpiry(left: number): void {
    this.tell(`t${JSON.stringify({ in: left })}`);
  }

  /** Tells the client something that is not counted, if it is there. */
  tell(text: string): void {
    this.#socket?.ping(controlFrame(text));
  }

  owe(): void {
    this.#shared.owe(this);
  }

  tellHandled(count: number): void {
    this.tell(`a${count}`);
  }

  pause(): void {
    this.isPaused = true;
    this.#socket?.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.#socket?.resume();
  }

  setWindow(window: number): void {
    this.window = Math.min(Math.max(0, window), this.#shared.maxWindow);
  }

  measure(make: (own: Meter | undefined) => Meter): void {
    this.#meter = make(this.#meter);
    if (this.#socket !== undefined) this.#socket.meter = this.#meter;
  }

  gap(count: number): Uint8Array {
    this.#shared.gaps.note(count);
    return gapFrame(count);
  }

  onReplaced(older: Uint8Array, newest: Uint8Array): void {
    this.ring.replace(older, newest);
  }

  /** Asks whether the client is there; gives its socket up if it long said nothing. */
  look(): void {
    const socket = this.#openSocket;
    if (socket === undefined || socket.isPaused) return;
    if (this.#silence.isTooLong(socket)) return socket.destroy();
    this.tell(`p${this.ring.sent}`);
  }

  #takeText(
    letter: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (letter === Letter.Acknowledge) {
      return this.#acknowledge(readCounter(buffer, start + 1, end));
    }
    if (letter === Letter.Ping) {
      return this.#answerPing(readCounter(buffer, start + 1, end));
    }
    if (isTyped(letter)) return this.#takeTyped(buffer, start, end);
    if (letter === Letter.Credential) {
      return this.#attachment?.takeCredential(buffer, start + 1, end);
    }
    if (letter === Letter.Goodbye && end === start + 1) {
      return this.close(LEFT);
    }
    const { onTrace } = this.listener;
    const context = letter === Letter.Trace && onTrace !== undefined
      ? readTraceparent(buffer, start + 1, end)
      : undefined;
    if (context === undefined) this.#fault("no such frame may come here");
    else onTrace?.(context);
  }

  #acknowledge(count: number): void {
    if (count < 0) return this.#fault("an acknowledgement is a number");
    if (count > this.ring.sent) return this.#fault("so many were never sent");
    this.ring.trim(count);
  }

  #takeTyped(buffer: Uint8Array, start: number, end: number): void {
    if (!isTypedHeader(buffer, start, end)) {
      return this.#fault("the first line of a frame is wrong");
    }
    this.receipt.count();
    this.listener.onTyped?.(buffer, start, end);
  }

  /** The client wants to know whether anybody is there, and says what it has sent. */
  #answerPing(count: number): void {
    if (count < 0) return this.#fault("a ping has a number");
    if (count !== this.receipt.received) return this.#socket?.close(LATER);
    this.tell(`p${this.ring.sent}`);
  }

  #fault(reason: string): void {
    this.#socket?.onFault(broken(reason));
  }

  #speak(codec: LastingCodec): void {
    const before = this.codec;
    if (codec === before) return;
    this.codec = codec;
    this.ring.recode((frame) => codec.recode(frame, before));
  }

  /** Lets go of the socket that there is: nothing of it is read any more. */
  detach(reason: CloseReason): void {
    const attachment = this.#attachment;
    if (attachment === undefined) return;
    this.#droppedBefore += attachment.socket.dropped;
    this.#attachment = undefined;
    attachment.leave(reason);
    this.listener.onAway?.(reason.code, reason.reason, this.window);
  }

  /** Ends when the code that runs now has come to its end, as sockets do. */
  #endSoon({ code, reason }: CloseReason): void {
    queueMicrotask(() => this.#end(code, reason));
  }

  /** Is over, without a word. */
  release(): void {
    if (this.isOpen) this.#shared.onClosing(this);
    this.#isOver = true;
    this.ring.close();
    this.#shared.onEnded(this);
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.release();
    this.listener.onClose(code, reason);
  }
}

/** What became of a frame that the ring has: what closes its socket loses nothing. */
function kept(result: SendResult = "queued"): SendResult {
  return result === "dropped" ? "pressure" : result;
}
