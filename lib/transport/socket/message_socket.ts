/**
 * Hot: what all protocols have in common when a message is sent.
 *
 * @module
 */
import { formatAddress } from "../../base/address.ts";
import { Backlog, hasFreeWay } from "../outgoing/backlog.ts";
import { type ByteStream, ClientSocket } from "./client_socket.ts";
import { closeReason } from "../close_codes.ts";
import type {
  CloseReason,
  ConnectionListener,
  GapTeller,
  Meter,
  QueuePolicy,
  Refusal,
  SendResult,
  UpgradeRequest,
} from "../connection.ts";
import { clientAddress } from "../admission/forwarded.ts";
import { readProxyHeader } from "../admission/proxy_header.ts";
import { RateMeter } from "../admission/rate_meter.ts";
import { Hold } from "./hold.ts";
import type { MessageContext } from "./message_context.ts";
import type { Throttled } from "../admission/throttle.ts";

/** Fewer bytes of an unfinished message are not counted: every client may have some. */
const MIN_COUNTED = 4_096;

/**
 * Milliseconds that a client who has said goodbye is kept for the answers to what it
 * sent before. The sweep may notice up to a second later.
 */
const LAST_ANSWERS_TIMEOUT = 2_000;

/** A client socket that carries messages. */
export abstract class MessageSocket extends ClientSocket implements Throttled {
  readonly #context: MessageContext;
  /** Measures how fast it sends, where that is limited. */
  meter: Meter | undefined;
  /** Bytes of an unfinished message that are counted with those of all clients. */
  #counted = 0;
  #droppedBefore = 0;
  /** All of {@linkcode Hold} that there are now, added up. */
  #holds = 0;
  #remoteAddress: string | undefined;

  /** Whether what comes next is a proxy's header. */
  protected awaitsProxy: boolean;

  /** Is told what becomes of frames that are counted. */
  protected get gaps(): GapTeller | undefined {
    return undefined;
  }

  /** Whether messages may be sent. */
  isOpen = false;

  /** Looks for idle clients since data came from it; control frames are none. */
  protected idleLooks = 0;

  /** Whether the client has said goodbye and is still to get its answers. */
  protected isLeaving = false;

  /** What waits behind the outbox; while there is any, everything waits there. */
  protected backlog: Backlog | undefined;

  /**
   * Takes over an accepted connection; nothing is read before `start`.
   *
   * @param stream The accepted connection, owned from now on.
   * @param context What the sockets of the listener share.
   */
  constructor(stream: ByteStream, context: MessageContext) {
    super(stream, context);
    this.#context = context;
    this.awaitsProxy = context.awaitsProxy;
    if (context.rate !== undefined) this.meter = new RateMeter(context.rate);
  }

  /** Takes whole messages of `buffer[start, end)`; see `takeBytes`. */
  protected abstract takeMessages(
    buffer: Uint8Array,
    start: number,
    end: number,
  ): number;
  /** Bytes of the unfinished message that were taken and are kept. */
  protected abstract get gathered(): number;
  /** The proxy's header has come: now it is known who the client is. */
  protected abstract onProxied(): void;
  /** The client broke a rule: it is told so as the protocol can, and ends. */
  protected abstract onFault(reason: CloseReason): void;

  /** The client, who has said goodbye, has its answers: it is told so, and ends. */
  protected abstract dismiss(): void;

  /** Sends what is queued, says goodbye as the protocol can, then ends. */
  abstract close(reason: CloseReason): void;

  /** The client's own address, as far as proxies told. */
  override get remoteAddress(): string {
    return this.#remoteAddress ?? super.remoteAddress;
  }

  /** Bytes accepted and not yet given to the operating system. */
  override get queuedBytes(): number {
    return super.queuedBytes + (this.backlog?.bytes ?? 0);
  }

  /** Messages dropped by their policy so far. */
  get dropped(): number {
    return this.#droppedBefore + (this.backlog?.dropped ?? 0);
  }

  /** Sends a whole frame, which is kept. */
  sendEncoded(frame: Uint8Array): SendResult {
    if (!this.isOpen) return "dropped";
    if (this.backlog !== undefined) return this.enqueue(frame, "close");
    const isQueued = this.outbox.appendShared(frame);
    return isQueued ? this.outbox.verdict : this.overflow();
  }

  /** Sends `bytes[start, end)` as they are. They are copied. */
  sendRaw(bytes: Uint8Array, start = 0, end = bytes.length): SendResult {
    if (!this.isOpen) return "dropped";
    const { backlog, outbox } = this;
    if (backlog) return this.enqueue(bytes.slice(start, end), "close");
    const isQueued = outbox.append(bytes, start, end);
    return isQueued ? outbox.verdict : this.overflow();
  }

  /** Sends a whole frame, which is kept, and dropped as its policy says. */
  offer(frame: Uint8Array, policy: QueuePolicy, key?: string): SendResult {
    if (policy === "close") return this.sendEncoded(frame);
    if (!this.isOpen) return "dropped";
    const { outbox } = this;
    const { sendBuffer, writeWindow } = this.#context;
    // What the window holds back can still be replaced, if it waits by itself.
    const mayBeHeld = policy === "latest" && writeWindow !== undefined;
    const isFree = this.backlog === undefined && !mayBeHeld &&
      hasFreeWay(outbox, frame.length, sendBuffer);
    if (isFree && outbox.appendShared(frame)) return outbox.verdict;
    const result = this.enqueue(frame, policy, key);
    if (mayBeHeld) outbox.askFlush();
    return result;
  }

  /** A write begins that was held back. The outbox calls this. */
  override onRelease(): void {
    this.backlog?.refill();
    this.#releaseBacklog();
  }

  /** What waits has waited for too long. The outbox calls this. */
  override onRecalled(): void {
    if (this.isOpen) this.overflow();
    else this.destroy();
  }

  /** Everything in the outbox has left. The outbox calls this. */
  override onDrained(): void {
    if (this.backlog === undefined) return super.onDrained();
    this.onRelease();
  }

  /**
   * Counts a look for idle clients.
   *
   * @returns How many there were since data came; none while the client is not read.
   */
  lookIdle(): number {
    this.idleLooks = this.isPaused ? 0 : this.idleLooks + 1;
    return this.idleLooks;
  }

  measure(make: (own: Meter | undefined) => Meter): void {
    this.meter = make(this.meter);
  }

  /** Goes on reading if the client has been silent long enough. */
  tryAgain(now: number): boolean {
    if (this.isEnded || this.meter === undefined) return true;
    this.meter.count(0, 0, now);
    if (this.meter.isOver) return false;
    this.releaseFrom(Hold.Rate);
    return true;
  }

  /** Ends now; what is queued is lost. */
  override destroy(): void {
    this.isOpen = false;
    this.#droppedBefore = this.dropped;
    this.backlog = undefined;
    super.destroy();
    this.forgetUnfinished();
  }

  /** The client has said goodbye: it is dismissed when it has its answers. */
  protected seeOff(listener: ConnectionListener | undefined): void {
    this.isLeaving = true;
    this.holdFor(Hold.Leaving);
    const dismiss = () => void (this.isOpen && this.dismiss());
    if (!listener?.onLeaving?.(dismiss)) return dismiss();
    const { closeTimeout } = this.#context;
    this.expire(Math.min(LAST_ANSWERS_TIMEOUT, closeTimeout));
  }

  /** Stops reading until it is released from this, and from all else that holds it. */
  protected holdFor(reason: Hold): void {
    this.#holds |= reason;
    this.hold();
  }

  /** Takes back {@linkcode holdFor}. */
  protected releaseFrom(reason: Hold): void {
    this.#holds &= ~reason;
    if (this.#holds === 0) this.release();
  }

  /** Reads again, whatever there was to wait for. */
  protected releaseFromAll(): void {
    this.#holds = 0;
    this.release();
  }

  protected takeBytes(
    buffer: Uint8Array,
    start: number,
    end: number,
    fresh: number,
  ): number {
    if (this.awaitsProxy) return this.#takeProxied(buffer, start, end);
    this.charge(fresh);
    const taken = this.takeMessages(buffer, start, end);
    const unfinished = end - start - taken + this.gathered;
    if (unfinished > MIN_COUNTED || this.#counted > 0) this.#count(unfinished);
    return taken;
  }

  #takeProxied(buffer: Uint8Array, start: number, end: number): number {
    const header = readProxyHeader(buffer, start, end);
    if (header.kind === "incomplete") return 0;
    const { hostname, port } = header.kind === "header"
      ? header.client ?? this.peer
      : this.peer;
    const isWelcome = header.kind === "header" &&
      this.comesFrom(hostname, port) === undefined;
    if (!isWelcome) {
      this.destroy();
      return end - start;
    }
    this.awaitsProxy = false;
    this.onProxied();
    if (this.isEnded) return end - start;
    this.charge(end - start - header.size);
    return header.size + this.takeMessages(buffer, start + header.size, end);
  }

  /** What was kept of an unfinished message is gone. */
  protected forgetUnfinished(): void {
    if (this.#counted > 0) this.#count(0);
  }

  #count(unfinished: number): void {
    this.idleLooks = 0;
    this.#counted = this.isEnded || unfinished <= MIN_COUNTED ? 0 : unfinished;
    this.#context.unfinished.note(this, this.#counted);
  }

  /** Notes where the client comes from; returns why it may not stay. */
  protected comesFrom(hostname: string, port: number): Refusal | undefined {
    this.#remoteAddress = formatAddress({ hostname, port });
    return this.#context.enterFrom(this, hostname);
  }

  /** The same for a client who may come through a proxy that says so in its request. */
  protected comesThrough(request: UpgradeRequest): Refusal | undefined {
    const { trusted, proxyProtocol } = this.#context;
    const { peer } = this;
    if (proxyProtocol || !trusted.has(peer.hostname)) return undefined;
    const { hostname, port } = clientAddress(request, peer, this.#context);
    return this.comesFrom(hostname, port);
  }

  /** Counts bytes as they come, whatever they turn out to be. */
  protected charge(bytes: number): void {
    const { meter } = this;
    if (meter === undefined || bytes <= 0 || !this.isOpen) return;
    meter.countBytes(bytes);
    if (meter.isOver) this.#slowDown(meter);
  }

  /** Counts a message, or a part of one; returns whether to take it. */
  protected admit(): boolean {
    const { meter } = this;
    if (meter === undefined) return true;
    meter.countMessage();
    return !meter.isOver || this.#slowDown(meter);
  }

  /** The client is too fast; returns whether what it has sent may still be taken. */
  #slowDown(meter: Meter): boolean {
    if (this.#context.sweep.isCatchingUp) {
      meter.forgive();
      return true;
    }
    if (meter.policy === "close") {
      this.onFault(closeReason("fast", this.#context.closeCodes));
      return false;
    }
    this.holdFor(Hold.Rate);
    this.#context.throttle.add(this);
    return true;
  }

  /** Puts a frame behind those that wait. */
  protected enqueue(
    frame: Uint8Array,
    policy: QueuePolicy,
    key?: string,
  ): SendResult {
    const backlog = this.backlog ??= new Backlog(
      this.outbox,
      this.#context.sendBuffer,
      this.gaps,
    );
    const admission = backlog.offer(frame, policy, key);
    const isPressed = backlog.isPressed;
    if (admission === "overflow") return this.#sendUndroppable(frame);
    this.#releaseBacklog();
    if (admission === "dropped") return "dropped";
    return isPressed ? "pressure" : "queued";
  }

  /** Sends a frame behind others of which none may be dropped either. */
  #sendUndroppable(frame: Uint8Array): SendResult {
    this.#pour();
    const { outbox } = this;
    return outbox.appendShared(frame) ? outbox.verdict : this.overflow();
  }

  /**
   * Sends a frame of the protocol's own, or a question whether the client is there. It
   * closes nobody: where there is no room, and nothing that may be dropped for it, it
   * is left out.
   */
  protected sendControl(frame: Uint8Array): void {
    if (!this.isOpen) return;
    if (this.backlog !== undefined) {
      this.backlog.offer(frame, "close");
      this.#releaseBacklog();
    } else if (this.outbox.hasRoom(frame.length)) this.outbox.append(frame);
  }

  /** The client does not keep up: what waits for it is dropped, and it is told why. */
  protected overflow(): "dropped" {
    this.#droppedBefore = this.dropped;
    this.backlog = undefined;
    this.outbox.discard();
    this.close(closeReason("slow", this.#context.closeCodes));
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

  protected override halfCloseWhenDrained(period?: number): void {
    this.#pour();
    super.halfCloseWhenDrained(period);
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
