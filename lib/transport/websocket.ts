/**
 * Hot: what is sent to a WebSocket client is framed here.
 *
 * @module
 */
import type { ByteStream, SocketContext } from "./client_socket.ts";
import type {
  CloseReason,
  Connection,
  ConnectionListener,
  OutputCodec,
  SendResult,
} from "./connection.ts";
import { HeadReader } from "./http_head.ts";
import { MessageSocket } from "./message_socket.ts";
import { copyBytes } from "./outbox.ts";
import { type FrameListener, WebSocketDecoder } from "./websocket_decoder.ts";
import {
  CLOSE_ABNORMAL,
  encodeClose,
  encodeFrame,
  headerSize,
  Opcode,
  webSocketCodec,
  writeHeader,
} from "./websocket_frame.ts";
import { encodeSwitch, readHandshake } from "./websocket_handshake.ts";

/** Where a connection is in its life. It only ever moves down. */
const State = {
  /** The upgrade request is not complete. */
  Handshaking: 0,
  /** Messages flow both ways. */
  Open: 1,
  /** Our close frame is on its way; the client's is awaited. */
  Closing: 2,
  /** What is queued still leaves; nothing more is read. */
  Ending: 3,
} as const;

const PING = encodeFrame(Opcode.Ping, new Uint8Array(0));

/** A client that speaks WebSocket (RFC 6455). */
export class WebSocketConnection extends MessageSocket
  implements Connection, FrameListener {
  readonly #context: SocketContext;
  #listener: ConnectionListener | undefined;
  #head: HeadReader | undefined;
  #decoder: WebSocketDecoder | undefined;
  #state: typeof State[keyof typeof State] = State.Handshaking;
  #end: CloseReason = CLOSE_ABNORMAL;

  /** All WebSocket connections share encoded frames. */
  readonly codec: OutputCodec = webSocketCodec;

  /**
   * Takes over an accepted connection.
   *
   * @param stream The accepted connection, owned from now on.
   * @param context What the sockets of the listener share.
   */
  constructor(stream: ByteStream, context: SocketContext) {
    super(stream, context);
    this.#context = context;
  }

  /** Begins to read, and tells the listener what comes. */
  open(listener: ConnectionListener): void {
    this.#listener = listener;
    this.expire(this.#context.handshakeTimeout);
    this.start();
  }

  send(
    source: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): SendResult {
    if (!this.isOpen) return "dropped";
    if (this.backlog !== undefined) {
      return this.#sendLate(source, start, end, binary);
    }
    const length = end - start;
    const outbox = this.outbox;
    const at = outbox.reserve(headerSize(length) + length);
    if (at < 0) return this.overflow();
    const opcode = binary ? Opcode.Binary : Opcode.Text;
    const payloadAt = writeHeader(outbox.tail, at, opcode, length);
    copyBytes(outbox.tail, payloadAt, source, start, end);
    return outbox.verdict;
  }

  ping(): boolean {
    this.sendEncoded(PING);
    return true;
  }

  close(reason: CloseReason): void {
    if (this.#state === State.Handshaking) return this.destroy();
    if (!this.isOpen) return;
    this.#moveTo(State.Closing);
    this.#end = reason;
    this.sendLast(encodeClose(reason));
    this.expire(this.#context.closeTimeout);
    this.resume();
  }

  override destroy(): void {
    this.#decoder?.stop();
    if (this.#state !== State.Handshaking) this.#moveTo(State.Ending);
    super.destroy();
  }

  onDeadline(): void {
    this.destroy();
  }

  onMessage(
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): void {
    if (!this.isOpen) return;
    this.#listener?.onMessage(buffer, start, end, binary);
  }

  onPing(buffer: Uint8Array, start: number, end: number): void {
    if (!this.isOpen) return;
    this.sendRaw(encodeFrame(Opcode.Pong, buffer.subarray(start, end)));
  }

  onPong(): void {
    // That bytes came has been counted as activity already.
  }

  onPeerClose(reason: CloseReason): void {
    if (this.isOpen) {
      this.#end = reason;
      this.sendLast(encodeClose({ code: reason.code, reason: "" }));
    }
    this.#moveTo(State.Ending);
    this.endWhenDrained();
  }

  onFault(reason: CloseReason): void {
    if (this.isOpen) {
      this.#end = reason;
      this.sendLast(encodeClose(reason));
    }
    this.#moveTo(State.Ending);
    this.halfCloseWhenDrained();
  }

  protected get wanted(): number {
    return this.#decoder?.wanted ?? 0;
  }

  protected takeBytes(buffer: Uint8Array, start: number, end: number): number {
    const decoder = this.#decoder;
    if (decoder !== undefined) return decoder.decode(buffer, start, end);
    return this.#shakeHands(buffer, start, end);
  }

  protected onClientEnd(): void {
    // After its close frame the client may hang up while we still send.
    if (this.#state !== State.Ending) this.destroy();
  }

  protected onSocketEnd(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    if (this.#state !== State.Handshaking) {
      listener?.onClose(this.#end.code, this.#end.reason);
    }
  }

  #shakeHands(buffer: Uint8Array, start: number, end: number): number {
    const head = this.#head ??= new HeadReader();
    const handshake = readHandshake(head, buffer, start, end);
    if (handshake.kind === "incomplete") return 0;
    if (handshake.kind === "answered") {
      this.outbox.appendLast(handshake.answer);
      this.halfCloseWhenDrained();
      return end - start;
    }
    this.outbox.appendLast(encodeSwitch(handshake.key));
    this.#opened();
    this.#listener?.onOpen(this, handshake.request);
    const size = handshake.size;
    return size + this.takeBytes(buffer, start + size, end);
  }

  #opened(): void {
    this.#head = undefined;
    this.#decoder = new WebSocketDecoder(this, this.#context.maxMessage);
    this.#moveTo(State.Open);
    this.keep();
  }

  #sendLate(
    source: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): SendResult {
    const frame = this.codec.encode(source.subarray(start, end), binary);
    return this.enqueue(frame, "close");
  }

  #moveTo(state: typeof State[keyof typeof State]): void {
    this.#state = state;
    this.isOpen = state === State.Open;
  }
}
