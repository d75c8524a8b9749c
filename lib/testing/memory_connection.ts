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
  /** It is about to be told the gateway that the connection is over. */
  onEnd(reason: CloseReason): void;
}

/** A client's connection as its gateway sees it: everything arrives at once. */
export class MemoryConnection implements Connection {
  readonly #listener: ConnectionListener;
  readonly #hearer: Hearer;
  #isEnded = false;
  /** Lets go of a client that has said goodbye. */
  #dismiss: (() => void) | undefined;
  /** A byte that says whether it is binary, then the message. */
  readonly codec: OutputCodec = CODEC;
  readonly remoteAddress: string;
  readonly queuedBytes = 0;
  readonly dropped = 0;
  readonly isPaused = false;
  activity = 0;
  isOpen = true;

  /**
   * @param listener The gateway.
   * @param hearer The client.
   * @param remoteAddress Where the client comes from.
   */
  constructor(
    listener: ConnectionListener,
    hearer: Hearer,
    remoteAddress: string,
  ) {
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

const CODEC: OutputCodec = {
  encode(payload, binary) {
    const frame = new Uint8Array(1 + payload.length);
    frame[0] = binary ? 1 : 0;
    frame.set(payload, 1);
    return frame;
  },
};
