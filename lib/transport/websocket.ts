/**
 * Hot: what is sent to a WebSocket client is framed here.
 *
 * @module
 */
import {
  type ByteStream,
  ClientSocket,
  type SocketContext,
} from "./client_socket.ts";
import {
  CLOSE_SLOW_CONSUMER,
  type CloseReason,
  type Connection,
  type ConnectionListener,
  type OutputCodec,
  type SendResult,
} from "./connection.ts";
import { HeadReader } from "./http_head.ts";
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
export class WebSocketConnection extends ClientSocket
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
    if (this.#state !== State.Open) return "dropped";
    const length = end - start;
    const outbox = this.outbox;
    const at = outbox.reserve(headerSize(length) + length);
    if (at < 0) return this.#overflow();
    const opcode = binary ? Opcode.Binary : Opcode.Text;
    const payloadAt = writeHeader(outbox.tail, at, opcode, length);
    copyBytes(outbox.tail, payloadAt, source, start, end);
    return outbox.verdict;
  }

  sendEncoded(frame: Uint8Array): SendResult {
    if (this.#state !== State.Open) return "dropped";
    if (!this.outbox.appendShared(frame)) return this.#overflow();
    return this.outbox.verdict;
  }

  sendRaw(bytes: Uint8Array): SendResult {
    if (this.#state !== State.Open) return "dropped";
    if (!this.outbox.append(bytes)) return this.#overflow();
    return this.outbox.verdict;
  }

  ping(): boolean {
    this.sendEncoded(PING);
    return true;
  }

  close(reason: CloseReason): void {
    if (this.#state === State.Handshaking) return this.destroy();
    if (this.#state !== State.Open) return;
    this.#state = State.Closing;
    this.#end = reason;
    this.outbox.appendLast(encodeClose(reason));
    this.expire(this.#context.closeTimeout);
    this.resume();
  }

  override destroy(): void {
    this.#decoder?.stop();
    if (this.#state !== State.Handshaking) this.#state = State.Ending;
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
    if (this.#state !== State.Open) return;
    this.#listener?.onMessage(buffer, start, end, binary);
  }

  onPing(buffer: Uint8Array, start: number, end: number): void {
    if (this.#state !== State.Open) return;
    this.sendRaw(encodeFrame(Opcode.Pong, buffer.subarray(start, end)));
  }

  onPong(): void {
    // That bytes came has been counted as activity already.
  }

  onPeerClose(reason: CloseReason): void {
    if (this.#state === State.Open) {
      this.#end = reason;
      this.outbox.appendLast(encodeClose({ code: reason.code, reason: "" }));
    }
    this.#state = State.Ending;
    this.endWhenDrained();
  }

  onFault(reason: CloseReason): void {
    if (this.#state === State.Open) {
      this.#end = reason;
      this.outbox.appendLast(encodeClose(reason));
    }
    this.#state = State.Ending;
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
    this.destroy();
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
    this.#state = State.Open;
    this.keep();
    this.rest();
  }

  /** The client does not keep up: what waits for it is dropped, and it is told why. */
  #overflow(): "dropped" {
    this.outbox.discard();
    this.close(CLOSE_SLOW_CONSUMER);
    return "dropped";
  }
}
