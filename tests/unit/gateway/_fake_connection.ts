import type {
  CloseReason,
  Connection,
  OutputCodec,
  SendResult,
} from "../../../lib/transport/connection.ts";

const CODEC: OutputCodec = { encode: (payload) => payload.slice() };

/** What clients speak that know typed frames. */
export const TYPED_CODEC: OutputCodec = {
  ...CODEC,
  encodeTyped: (payload) => payload.slice(),
};

/** A client's connection that only notes what is asked of it. */
export class FakeConnection implements Connection {
  readonly codec: OutputCodec;
  readonly remoteAddress = "127.0.0.1:50000";
  readonly queuedBytes = 0;
  activity = 0;
  readonly dropped = 0;
  isPaused = false;
  /** What was sent, as text. */
  readonly sent: string[] = [];
  /** Why it was closed. */
  closed: CloseReason | undefined;
  isDestroyed = false;

  /** Whether it was not closed yet. */
  get isOpen(): boolean {
    return this.closed === undefined && !this.isDestroyed;
  }

  /** @param codec What the client speaks. */
  constructor(codec: OutputCodec = CODEC) {
    this.codec = codec;
  }

  send(source: Uint8Array, start: number, end: number): SendResult {
    return this.#note(source.subarray(start, end));
  }

  sendEncoded(frame: Uint8Array): SendResult {
    return this.#note(frame);
  }

  sendRaw(bytes: Uint8Array): SendResult {
    return this.#note(bytes);
  }

  offer(frame: Uint8Array): SendResult {
    return this.#note(frame);
  }

  ping(frame?: Uint8Array): boolean {
    if (frame !== undefined) this.#note(frame);
    return true;
  }

  close(reason: CloseReason): void {
    this.closed = reason;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  #note(bytes: Uint8Array): SendResult {
    if (this.closed !== undefined) return "dropped";
    this.sent.push(new TextDecoder().decode(bytes));
    return "queued";
  }
}
