/**
 * Hot: clients whose protocol is nothing but frames on a stream.
 *
 * @module
 */
import type { ByteStream } from "./client_socket.ts";
import type {
  CloseReason,
  Connection,
  ConnectionListener,
  OutputCodec,
  SendResult,
} from "../connection.ts";
import { MessageSocket } from "./message_socket.ts";
import type { MessageContext } from "./message_context.ts";

/** Takes messages out of a client's bytes. */
export interface StreamDecoder {
  /** Bytes that the first message not yet taken needs in all; 0 if unknown. */
  readonly wanted: number;
  /**
   * Takes whole messages of `buffer[start, end)` and tells the sink of each.
   *
   * @returns How many bytes were taken; the rest comes again, with more behind it.
   */
  decode(buffer: Uint8Array, start: number, end: number): number;
}

/** Where a {@linkcode StreamDecoder} puts what it finds. */
export interface StreamSink {
  /** A whole message: `buffer[start, end)`. Returns whether to go on. */
  onMessage(buffer: Uint8Array, start: number, end: number): boolean;
  /** The bytes are not this protocol, or too many. Nothing more may follow. */
  onFault(reason: CloseReason): void;
}

/** A client protocol without a handshake. A new one is one object like this. */
export interface StreamProtocol {
  /** Turns messages into frames. */
  readonly codec: OutputCodec;
  /** Makes what reads one client's bytes; it may keep state between calls. */
  createDecoder(sink: StreamSink, maxMessage: number): StreamDecoder;
  /** Returns the size of the frame around so many bytes of payload; −1 to encode it. */
  frameSize(length: number): number;
  /** Writes `source[start, end)` as a frame to `target` at `at`. */
  writeFrame(
    target: Uint8Array,
    at: number,
    source: Uint8Array,
    start: number,
    end: number,
  ): void;
}

/** The client said that it will send no more: the only goodbye these protocols have. */
const CLOSE_BY_CLIENT: CloseReason = { code: 1000, reason: "" };

/** The connection broke. */
const CLOSE_BROKEN: CloseReason = { code: 1006, reason: "" };

/** A client that speaks a {@linkcode StreamProtocol}. */
export class StreamConnection extends MessageSocket
  implements Connection, StreamSink {
  readonly #context: MessageContext;
  readonly #protocol: StreamProtocol;
  readonly #decoder: StreamDecoder;
  #listener: ConnectionListener | undefined;
  #wasOpen = false;
  #end: CloseReason = CLOSE_BROKEN;

  /** The protocol's, so that connections of one protocol share encoded frames. */
  readonly codec: OutputCodec;

  /**
   * Takes over an accepted connection.
   *
   * @param protocol What the client speaks.
   * @param stream The accepted connection, owned from now on.
   * @param context What the sockets of the listener share.
   */
  constructor(
    protocol: StreamProtocol,
    stream: ByteStream,
    context: MessageContext,
  ) {
    super(stream, context);
    this.#context = context;
    this.#protocol = protocol;
    this.#decoder = protocol.createDecoder(this, context.maxMessage);
    this.codec = protocol.codec;
  }

  /** Begins to read, and tells the listener what comes. */
  open(listener: ConnectionListener): void {
    this.#listener = listener;
    if (this.awaitsProxy) this.expire(this.#context.handshakeTimeout);
    else this.#begin();
    this.start();
  }

  send(
    source: Uint8Array,
    start: number,
    end: number,
    binary = false,
  ): SendResult {
    if (!this.isOpen) return "dropped";
    const size = this.#protocol.frameSize(end - start);
    if (this.backlog !== undefined || size < 0) {
      return this.#sendFrame(source, start, end, binary);
    }
    if (size === 0) return this.outbox.verdict;
    const at = this.outbox.reserve(size);
    if (at < 0) return this.overflow();
    this.#protocol.writeFrame(this.outbox.tail, at, source, start, end);
    return this.outbox.verdict;
  }

  ping(frame?: Uint8Array): boolean {
    if (frame === undefined) return false;
    this.sendControl(frame);
    return true;
  }

  close(reason: CloseReason): void {
    if (!this.#wasOpen) return this.destroy();
    if (!this.isOpen) return;
    if (this.isLeaving) return this.dismiss();
    this.isOpen = false;
    this.#end = reason;
    this.halfCloseWhenDrained();
  }

  onDeadline(): void {
    if (this.isLeaving && this.isOpen) this.dismiss();
    else this.goOnParting();
  }

  onMessage(buffer: Uint8Array, start: number, end: number): boolean {
    if (this.isOpen && this.admit()) {
      this.#listener?.onMessage(buffer, start, end, false);
    }
    return this.isOpen;
  }

  onFault(reason: CloseReason): void {
    this.close(reason);
  }

  protected get wanted(): number {
    return this.#decoder.wanted;
  }

  /** A message stays in the buffer until it is whole. */
  protected get gathered(): number {
    return 0;
  }

  protected takeMessages(
    buffer: Uint8Array,
    start: number,
    end: number,
  ): number {
    this.idleLooks = 0;
    return this.#decoder.decode(buffer, start, end);
  }

  protected onProxied(): void {
    this.#begin();
  }

  protected onClientEnd(): void {
    if (!this.isOpen) return this.endWhenDrained();
    this.#end = CLOSE_BY_CLIENT;
    this.seeOff(this.#listener);
  }

  protected dismiss(): void {
    this.isOpen = false;
    this.endWhenDrained();
  }

  protected onSocketEnd(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    if (this.#wasOpen) listener?.onClose(this.#end.code, this.#end.reason);
  }

  #begin(): void {
    this.isOpen = this.#wasOpen = true;
    this.keep();
    this.#listener?.onOpen(this, undefined);
  }

  #sendFrame(
    source: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): SendResult {
    return this.sendEncoded(
      this.codec.encode(source.subarray(start, end), binary),
    );
  }
}
