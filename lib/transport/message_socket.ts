/**
 * Hot: what all protocols have in common when a message is sent.
 *
 * @module
 */
import { Backlog, hasFreeWay } from "./backlog.ts";
import {
  type ByteStream,
  ClientSocket,
  type SocketContext,
} from "./client_socket.ts";
import {
  CLOSE_SLOW_CONSUMER,
  type CloseReason,
  type SendResult,
} from "./connection.ts";
import type { QueuePolicy } from "./message_queue.ts";

/** A client socket that messages are sent to. */
export abstract class MessageSocket extends ClientSocket {
  readonly #sendBuffer: number;
  #droppedBefore = 0;

  /** Whether messages may be sent. */
  protected isOpen = false;

  /** What waits behind the outbox; while there is any, everything waits there. */
  protected backlog: Backlog | undefined;

  /**
   * Takes over an accepted connection; nothing is read before `start`.
   *
   * @param stream The accepted connection, owned from now on.
   * @param context What the sockets of the listener share.
   */
  constructor(stream: ByteStream, context: SocketContext) {
    super(stream, context);
    this.#sendBuffer = context.sendBuffer;
  }

  /** Sends what is queued, says goodbye as the protocol can, then ends. */
  abstract close(reason: CloseReason): void;

  /** Bytes accepted and not yet given to the operating system. */
  override get queuedBytes(): number {
    return this.outbox.queuedBytes + (this.backlog?.bytes ?? 0);
  }

  /** Messages dropped by their policy so far. */
  get dropped(): number {
    return this.#droppedBefore + (this.backlog?.dropped ?? 0);
  }

  /** Sends a whole frame, which is kept. */
  sendEncoded(frame: Uint8Array): SendResult {
    if (!this.isOpen) return "dropped";
    if (this.backlog !== undefined) return this.enqueue(frame, "close");
    if (!this.outbox.appendShared(frame)) return this.overflow();
    return this.outbox.verdict;
  }

  /** Sends bytes as they are. They are copied. */
  sendRaw(bytes: Uint8Array): SendResult {
    if (!this.isOpen) return "dropped";
    if (this.backlog !== undefined) return this.enqueue(bytes.slice(), "close");
    if (!this.outbox.append(bytes)) return this.overflow();
    return this.outbox.verdict;
  }

  /** Sends a whole frame, which is kept, and dropped as its policy says. */
  offer(frame: Uint8Array, policy: QueuePolicy, key?: string): SendResult {
    if (policy === "close") return this.sendEncoded(frame);
    if (!this.isOpen) return "dropped";
    const { outbox } = this;
    const isFree = this.backlog === undefined &&
      hasFreeWay(outbox, frame.length, this.#sendBuffer);
    if (isFree && outbox.appendShared(frame)) return outbox.verdict;
    return this.enqueue(frame, policy, key);
  }

  /** Everything in the outbox has left. The outbox calls this. */
  override onDrained(): void {
    if (this.backlog === undefined) return super.onDrained();
    this.backlog.refill();
    this.#releaseBacklog();
  }

  /** Ends now; what is queued is lost. */
  override destroy(): void {
    this.isOpen = false;
    this.#droppedBefore = this.dropped;
    this.backlog = undefined;
    super.destroy();
  }

  /** Puts a frame behind those that wait. */
  protected enqueue(
    frame: Uint8Array,
    policy: QueuePolicy,
    key?: string,
  ): SendResult {
    const backlog = this.backlog ??= new Backlog(this.outbox, this.#sendBuffer);
    const admission = backlog.offer(frame, policy, key);
    const isPressed = backlog.isPressed;
    this.#releaseBacklog();
    if (admission === "overflow") return this.overflow();
    if (admission === "dropped") return "dropped";
    return isPressed ? "pressure" : "queued";
  }

  /** The client does not keep up: what waits for it is dropped, and it is told why. */
  protected overflow(): "dropped" {
    this.#droppedBefore = this.dropped;
    this.backlog = undefined;
    this.outbox.discard();
    this.close(CLOSE_SLOW_CONSUMER);
    return "dropped";
  }

  /** Appends a farewell behind everything that waits, past the limit. */
  protected sendLast(bytes: Uint8Array): void {
    this.#pour();
    this.outbox.appendLast(bytes);
  }

  protected override endWhenDrained(): void {
    this.#pour();
    super.endWhenDrained();
  }

  protected override halfCloseWhenDrained(): void {
    this.#pour();
    super.halfCloseWhenDrained();
  }

  #pour(): void {
    this.backlog?.pour();
    this.#releaseBacklog();
  }

  #releaseBacklog(): void {
    if (this.backlog === undefined || this.backlog.length > 0) return;
    this.#droppedBefore += this.backlog.dropped;
    this.backlog = undefined;
  }
}
