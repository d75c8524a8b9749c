import { concat } from "../base/concat.ts";
import type { Message } from "../cluster/call_options.ts";
import type {
  CloseReason,
  Connection,
  ConnectionListener,
  OutputCodec,
  SendResult,
} from "../transport/connection.ts";

/** How a connection ends without a goodbye. */
const ABNORMAL: CloseReason = { code: 1006, reason: "" };

const decoder = new TextDecoder();

/** What a client at the other end hears. */
export interface Hearer {
  /** A message came. */
  onMessage(message: Message): void;
  /** A typed frame came. */
  onTyped(frame: Uint8Array): void;
  /** It is about to be told the gateway that the connection is over. */
  onEnd(reason: CloseReason): void;
}

/** Who is at the other end. */
export interface MemoryConnectionFacts {
  /** Where the client comes from, `ip:port`. */
  readonly remoteAddress: string;
  /** Whether it knows typed frames. */
  readonly speaks: "typed" | "messages";
}

/** A client's connection as its gateway sees it: everything arrives at once. */
export class MemoryConnection implements Connection {
  readonly #listener: ConnectionListener;
  readonly #hearer: Hearer;
  #isEnded = false;
  /** Lets go of a client that has said goodbye. */
  #dismiss: (() => void) | undefined;
  /** A byte that says whether it is binary, then the message. */
  readonly codec: OutputCodec;
  readonly setWindow?: () => void;
  readonly remoteAddress: string;
  readonly queuedBytes = 0;
  readonly dropped = 0;
  readonly isPaused = false;
  activity = 0;
  isOpen = true;

  /**
   * @param listener The gateway.
   * @param hearer The client.
   * @param facts Where the client comes from, and whether it knows typed frames.
   */
  constructor(
    listener: ConnectionListener,
    hearer: Hearer,
    { remoteAddress, speaks }: MemoryConnectionFacts,
  ) {
    this.codec = speaks === "typed" ? TYPED_CODEC : CODEC;
    // It is away until it is back, however long it may be.
    if (speaks === "typed") this.setWindow = () => {};
    this.#listener = listener;
    this.#hearer = hearer;
    this.remoteAddress = remoteAddress;
  }

  send(
    source: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): SendResult {
    if (!this.isOpen) return "dropped";
    const bytes = source.slice(start, end);
    this.#hearer.onMessage(binary ? bytes : decoder.decode(bytes));
    return "queued";
  }

  sendEncoded(frame: Uint8Array): SendResult {
    if (frame[0] === TYPED) {
      if (!this.isOpen) return "dropped";
      this.#hearer.onTyped(frame.subarray(1));
      return "queued";
    }
    return this.send(frame, 1, frame.length, frame[0] === 1);
  }

  sendRaw(bytes: Uint8Array): SendResult {
    return this.send(bytes, 0, bytes.length, true);
  }

  offer(frame: Uint8Array): SendResult {
    return this.sendEncoded(frame);
  }

  ping(): boolean {
    return true;
  }

  close(reason: CloseReason): void {
    if (!this.isOpen) return;
    if (this.#dismiss !== undefined) return this.#dismiss();
    this.isOpen = false;
    queueMicrotask(() => this.#end(reason, reason));
  }

  destroy(): void {
    this.isOpen = false;
    queueMicrotask(() => this.#end(ABNORMAL, ABNORMAL));
  }

  pause(): void {}

  resume(): void {}

  /** The client says something. */
  receive(message: Message): void {
    this.activity++;
    const binary = typeof message !== "string";
    const bytes = binary ? message : new TextEncoder().encode(message);
    this.#listener.onMessage(bytes, 0, bytes.length, binary);
  }

  /** The client says something in a typed frame. */
  receiveTyped(frame: string | Uint8Array): void {
    this.activity++;
    const bytes = typeof frame === "string"
      ? new TextEncoder().encode(frame)
      : frame;
    this.#listener.onTyped?.(bytes, 0, bytes.length);
  }

  /** The client's socket is gone. */
  leaveFor(window: number): void {
    this.#listener.onAway?.(ABNORMAL.code, ABNORMAL.reason, window);
  }

  /** The client has another socket. */
  comeBack(missed: number): void {
    this.#listener.onBack?.(missed, 0);
  }

  /** The client says goodbye: it gets its answers first. */
  leave(reason: CloseReason): void {
    const dismiss = this.#dismiss = () => {
      this.isOpen = false;
      this.#end(reason, { code: reason.code, reason: "" });
    };
    if (!this.#listener.onLeaving?.(dismiss)) dismiss();
  }

  /** The connection breaks. */
  drop(): void {
    this.isOpen = false;
    this.#end(ABNORMAL, ABNORMAL);
  }

  #end(told: CloseReason, heard: CloseReason): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#hearer.onEnd(heard);
    this.#listener.onClose(told.code, told.reason);
  }
}

/** What a typed frame begins with. */
const TYPED = 2;

const CODEC: OutputCodec = {
  encode: (payload, binary) => tagged(binary ? 1 : 0, payload),
};

const TYPED_CODEC: OutputCodec = {
  ...CODEC,
  encodeTyped: (payload) => tagged(TYPED, payload),
};

function tagged(tag: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(tag), payload);
}
