/**
 * Hot: what is sent to a WebSocket client is framed here.
 *
 * @module
 */
import { NO_BYTES } from "../../base/no_bytes.ts";
import type { ByteStream } from "../socket/client_socket.ts";
import type {
  CloseReason,
  ConnectionListener,
  GapTeller,
  OutputCodec,
  QueuePolicy,
  Refusal,
  SendResult,
} from "../connection.ts";
import { encodeAnswer, type HttpAnswer } from "../http/http_answer.ts";
import type { RequestHead } from "../http/http_head.ts";
import { Hold } from "../socket/hold.ts";
import type { LastingSocket } from "../socket/lasting_socket.ts";
import { copyBytes } from "../outgoing/chunk_queue.ts";
import { TurnedAway } from "../admission/turned_away.ts";
import {
  FAILED,
  REFUSAL_TIMEOUT,
  TOO_SLOW,
  UNDECIDED,
} from "../admission/refusal_answers.ts";
import { HttpSocket } from "./http_socket.ts";
import type { WebSocketContext } from "./websocket_context.ts";
import { State } from "./websocket_state.ts";
import {
  type FrameListener,
  type Inflate,
  WebSocketDecoder,
} from "./frames/websocket_decoder.ts";
import type { DeflateAgreement } from "./deflate/websocket_extension.ts";
import {
  CLOSE_ABNORMAL,
  encodeClose,
  encodeFrame,
  headerSize,
  Opcode,
  webSocketCodec,
  writeHeader,
} from "./frames/websocket_frame.ts";
import type { ConnectionDeflate } from "./deflate/websocket_deflate.ts";
import {
  ConnectionInflate,
  type InflateListener,
} from "./deflate/websocket_inflate.ts";
import { inflateFor } from "./inflate_for.ts";
import {
  encodeSwitch,
  judgeUpgrade,
  type Upgrade,
} from "./websocket_handshake.ts";

const PING = encodeFrame(Opcode.Ping, NO_BYTES);

/** A client that speaks WebSocket (RFC 6455). */
export class WebSocketConnection extends HttpSocket
  implements LastingSocket, FrameListener, InflateListener {
  readonly #context: WebSocketContext;
  #listener: ConnectionListener | undefined;
  #decoder: WebSocketDecoder | undefined;
  #deflate: ConnectionDeflate | undefined;
  #inflate: ConnectionInflate | undefined;
  #state: State = State.Handshaking;
  #end: CloseReason = CLOSE_ABNORMAL;

  /** Connections that agreed on the same share encoded frames. */
  codec: OutputCodec = webSocketCodec;

  /**
   * Takes over an accepted connection.
   *
   * @param stream The accepted connection, owned from now on.
   * @param context What the sockets of the listener share.
   */
  constructor(stream: ByteStream, context: WebSocketContext) {
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
    if (this.backlog !== undefined || this.#deflate !== undefined) {
      return this.#sendFrame(source, start, end, binary);
    }
    const opcode = binary ? Opcode.Binary : Opcode.Text;
    return this.#append(opcode, source, start, end);
  }

  override sendEncoded(frame: Uint8Array): SendResult {
    this.#deflate?.noteShared();
    return super.sendEncoded(frame);
  }

  override offer(
    frame: Uint8Array,
    policy: QueuePolicy,
    key?: string,
  ): SendResult {
    this.#deflate?.noteShared();
    return super.offer(frame, policy, key);
  }

  ping(frame?: Uint8Array): boolean {
    if (frame !== undefined) this.#deflate?.noteShared();
    this.sendControl(frame ?? PING);
    return true;
  }

  sendBeyond(frame: Uint8Array): void {
    if (this.isOpen) this.sendLast(frame);
  }

  close(reason: CloseReason): void {
    if (this.#state < State.Open) return this.destroy();
    if (!this.isOpen) return;
    if (this.isLeaving) return this.dismiss();
    this.#moveTo(State.Closing);
    this.#end = reason;
    this.sendLast(encodeClose(reason));
    this.part();
    this.#inflate?.cancel();
    this.#decoder?.resume();
    this.forgetUnfinished();
    this.resume();
    this.releaseFromAll();
  }

  override destroy(): void {
    this.#decoder?.stop();
    this.#deflate?.close();
    this.#inflate?.close();
    if (this.#state >= State.Open) this.#moveTo(State.Ending);
    super.destroy();
  }

  onDeadline(): void {
    const isAsking = this.#state === State.Handshaking && !this.isSilent;
    if (isAsking) this.#refuse(TOO_SLOW);
    else if (this.#state === State.Authorizing) this.#refuse(UNDECIDED);
    else if (this.isLeaving && this.isOpen) this.dismiss();
    else if (this.isOpen) this.#listener?.onLate?.();
    else if (this.#state > State.Open) this.goOnParting();
    else this.destroy();
  }

  onMessage(
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): void {
    this.idleLooks = 0;
    if (!this.isOpen || !this.admit()) return;
    this.#listener?.onMessage(buffer, start, end, binary);
  }

  onFragment(): void {
    this.idleLooks = 0;
    if (this.isOpen) this.admit();
  }

  onInflated(grown: number): void {
    this.charge(grown);
    this.#decoder?.resume();
    this.forgetUnfinished();
    this.releaseFrom(Hold.Inflation);
  }

  override lookIdle(): number {
    // Before that, each step has a time of its own.
    return this.#state < State.Open ? 0 : super.lookIdle();
  }

  onPing(buffer: Uint8Array, start: number, end: number): void {
    if (!this.isOpen || !this.admit()) return;
    if (this.backlog !== undefined) {
      this.sendControl(encodeFrame(Opcode.Pong, buffer.subarray(start, end)));
    } else this.#append(Opcode.Pong, buffer, start, end);
  }

  onPong(): void {
    if (this.isOpen) this.admit();
  }

  onPeerClose(reason: CloseReason): void {
    if (!this.isOpen) return this.#leave();
    this.#end = reason;
    this.seeOff(this.#listener);
  }

  protected dismiss(): void {
    this.sendLast(encodeClose({ code: this.#end.code, reason: "" }));
    this.#leave();
  }

  #leave(): void {
    this.#moveTo(State.Ending);
    // What the client still sends is for nobody, so no further read is begun: to close
    // a socket that is being read takes 20 µs more.
    this.pause();
    this.endWhenDrained();
  }

  onFault(reason: CloseReason): void {
    this.#decoder?.stop();
    if (this.isOpen) {
      this.#end = reason;
      this.sendLast(encodeClose(reason));
    }
    this.#moveTo(State.Ending);
    this.halfCloseWhenDrained();
  }

  protected override get gaps(): GapTeller | undefined {
    return this.#listener?.gaps;
  }

  protected get wanted(): number {
    return this.#decoder?.wanted ?? this.awaited;
  }

  protected get gathered(): number {
    return (this.#decoder?.gathered ?? 0) + (this.#inflate?.kept ?? 0);
  }

  protected takeMessages(
    buffer: Uint8Array,
    start: number,
    end: number,
  ): number {
    if (this.#decoder !== undefined) {
      return this.#decoder.decode(buffer, start, end);
    }
    return this.#state === State.Handshaking
      ? this.hear(buffer, start, end)
      : 0;
  }

  protected onProxied(): void {
    // The request comes next, within the same time.
  }

  protected onClientEnd(): void {
    // Who asked in HTTP, and has nothing more to ask, still gets its answers.
    if (this.#state === State.Handshaking) this.endWhenDrained();
    // After its close frame the client may hang up while we still send.
    else if (this.#state !== State.Ending) this.destroy();
  }

  protected override onSocketEnd(): void {
    super.onSocketEnd();
    const listener = this.#listener;
    this.#listener = undefined;
    if (this.#state >= State.Open) {
      listener?.onClose(this.#end.code, this.#end.reason);
    }
  }

  protected override get guest(): ConnectionListener | undefined {
    return this.#listener;
  }

  protected onUpgrade(
    head: RequestHead,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): number {
    this.#consider(head, end - start);
    // An upgrade that was decided at once may have frames behind it already.
    return this.#decoder?.decode(buffer, start, end) ?? 0;
  }

  /** Asks the listener whether this client may come in, and waits if need be. */
  #consider(head: RequestHead, behind: number): void {
    const upgrade = judgeUpgrade(head, this.#context.rules, this.certificate);
    if (upgrade.kind === "refused") return this.#refuse(upgrade.answer);
    const { request } = upgrade;
    const whyNot = this.comesThrough(request);
    if (upgrade.isLasting) return this.#greet(upgrade, whyNot, behind);
    const { remoteAddress } = this;
    const refusal = whyNot ?? this.#context.whyNotStay(remoteAddress);
    if (refusal !== undefined) return this.#refuse(refusal);
    const decision = this.#listener?.onRequest?.(request, remoteAddress);
    if (decision === undefined) return this.#upgrade(upgrade, behind);
    this.#moveTo(State.Authorizing);
    this.holdFor(Hold.Authorization);
    this.expire(this.#context.authorizeTimeout);
    const decided = (refusal: Refusal | undefined) => {
      if (this.#state !== State.Authorizing || this.isEnded) return;
      if (refusal !== undefined) return this.#refuse(refusal);
      this.#upgrade(upgrade, behind);
      this.releaseFrom(Hold.Authorization);
    };
    decision.then(decided, () => decided(FAILED));
  }

  /** Has it be decided behind the upgrade, where a client can be told anything. */
  #greet(upgrade: Upgrade, whyNot: Refusal | undefined, behind: number): void {
    const guest = whyNot ? new TurnedAway(whyNot) : this.#listener;
    this.#listener = guest && this.#context.keeper?.greet(guest);
    this.#upgrade(upgrade, behind);
  }

  #upgrade(upgrade: Upgrade, behind: number): void {
    const { key, headers, deflate, request, unmet } = upgrade;
    const { maxMessage, subprotocolLog } = this.#context;
    this.outbox.appendLast(encodeSwitch(key, headers));
    if (unmet.length > 0) subprotocolLog.note(unmet);
    const inflate = deflate === undefined ? undefined : this.#agree(deflate);
    this.forgetHttp();
    this.#decoder = new WebSocketDecoder(this, maxMessage, inflate);
    this.#moveTo(State.Open);
    this.idleLooks = 0;
    this.keep();
    this.#listener?.onOpen(this, request);
    this.charge(behind);
  }

  /** Compresses from now on; returns what decompresses. */
  #agree(agreement: DeflateAgreement): Inflate | undefined {
    const { deflate, maxMessage: limit } = this.#context;
    if (deflate === undefined) return undefined;
    this.#deflate = deflate.open(agreement);
    this.codec = this.#deflate.codec;
    const rules = { keepsContext: !agreement.clientNoContext, limit };
    this.#inflate = new ConnectionInflate(deflate.tools, rules, this);
    return inflateFor(this, this.#inflate, {
      charge: (bytes) => this.charge(bytes),
      hold: () => this.holdFor(Hold.Inflation),
    });
  }

  /** Says why not, in HTTP. */
  #refuse(answer: HttpAnswer): void {
    this.outbox.appendLast(encodeAnswer(answer));
    this.endAnswered();
  }

  protected endAnswered(): void {
    this.#moveTo(State.Refused);
    this.halfCloseWhenDrained(REFUSAL_TIMEOUT);
  }

  /** Frames `source[start, end)` where it leaves from. */
  #append(
    opcode: Opcode,
    source: Uint8Array,
    start: number,
    end: number,
  ): SendResult {
    const length = end - start;
    const { outbox } = this;
    const at = outbox.reserve(headerSize(length) + length);
    if (at < 0) return this.overflow();
    const payloadAt = writeHeader(outbox.tail, at, opcode, length);
    copyBytes(outbox.tail, payloadAt, source, start, end);
    return outbox.verdict;
  }

  /** Sends a message that is compressed, or has others waiting before it. */
  #sendFrame(
    source: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): SendResult {
    if (this.backlog !== undefined || this.#deflate === undefined) {
      const message = source.subarray(start, end);
      return this.sendEncoded(this.codec.encode(message, binary));
    }
    return super.sendEncoded(this.#deflate.encode(source, start, end, binary));
  }

  #moveTo(state: State): void {
    this.#state = state;
    this.isOpen = state === State.Open;
  }
}
