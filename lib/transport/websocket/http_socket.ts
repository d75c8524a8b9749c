import { parseAddress } from "../../base/address.ts";
import type { ConnectionListener } from "../connection.ts";
import { encodeAnswer } from "../http/http_answer.ts";
import { HttpConversation } from "../http/http_conversation.ts";
import type { RequestHead } from "../http/http_head.ts";
import type { Visit, VisitHost } from "../http/visit.ts";
import type { ByteStream } from "../socket/client_socket.ts";
import { Hold } from "../socket/hold.ts";
import { MessageSocket } from "../socket/message_socket.ts";
import type { WebSocketContext } from "./websocket_context.ts";

/**
 * Bytes of a body that have to come in the time of a handshake: there is more time as long
 * as so many do. Who sends one now and then would stay for days.
 */
const LEAST = 4_096;

/** A client that speaks HTTP until one of its requests is to speak something else. */
export abstract class HttpSocket extends MessageSocket {
  readonly #context: WebSocketContext;
  #http: HttpConversation | undefined;
  #visit: Visit | undefined;
  /** Bytes of a body with which there is time for more of it. */
  #expected = 0;

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

  /** Who is told of this connection. */
  protected abstract get guest(): ConnectionListener | undefined;

  /** A request wants something else to be spoken: returns what it took of the rest. */
  protected abstract onUpgrade(
    head: RequestHead,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): number;

  /** Ends after the last answer: there was never a client. */
  protected abstract endAnswered(): void;

  /** Whether no request has begun that is not answered. */
  protected get isSilent(): boolean {
    return this.#http?.isIdle !== false && this.#visit === undefined;
  }

  /** Bytes that a request needs that is being read; 0 if unknown. */
  protected get awaited(): number {
    return this.#visit?.wanted ?? 0;
  }

  /** HTTP is spoken no more. */
  protected forgetHttp(): void {
    this.#http = undefined;
  }

  override onDrained(): void {
    super.onDrained();
    this.#visit?.onDrained();
  }

  protected onSocketEnd(): void {
    this.#visit?.onEnd();
    this.#visit = undefined;
  }

  /** Answers the requests in `buffer[start, end)`; returns how many bytes it took. */
  protected hear(buffer: Uint8Array, start: number, end: number): number {
    const { rules, routes, handshakeTimeout, visits } = this.#context;
    const visit = this.#visit;
    if (visit !== undefined) {
      if (end - start >= this.#expected) {
        this.#expected = end - start + LEAST;
        this.expire(handshakeTimeout);
      }
      return visit.take(buffer, start, end);
    }
    const http = this.#http ??= new HttpConversation(
      rules.head,
      routes,
      this.guest?.maxRequests,
      visits,
    );
    const { taken, answers, next } = http.hear(buffer, start, end);
    for (const answer of answers) this.outbox.appendLast(answer);
    if (next.kind === "end") {
      this.endAnswered();
      return end - start;
    }
    // Each request has the same time.
    if (answers.length > 0) this.expire(handshakeTimeout);
    if (next.kind === "more") return taken;
    const at = start + taken;
    return taken +
      (next.kind === "upgrade"
        ? this.onUpgrade(next.head, buffer, at, end)
        : this.#receive(next.head, http, buffer, at, end));
  }

  #receive(
    head: RequestHead,
    http: HttpConversation,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): number {
    const { visits, handshakeTimeout } = this.#context;
    this.#expected = LEAST;
    this.expire(handshakeTimeout);
    const visit = visits?.receive(head, this.#hostOf(head, http));
    if (!this.isEnded) this.#visit = visit;
    return start === end ? 0 : this.takeMessages(buffer, start, end);
  }

  #hostOf(head: RequestHead, http: HttpConversation): VisitHost {
    const end = () => {
      this.#visit = undefined;
      this.endAnswered();
    };
    return {
      client: parseAddress(this.remoteAddress),
      certificate: this.certificate,
      guest: this.guest,
      wait: () => {
        this.keep();
        this.holdFor(Hold.Visit);
      },
      stay: () => this.keep(),
      reply: (answer) => {
        if (this.isEnded) return;
        const { kind, answer: bytes } = http.reply(head, answer);
        if (bytes !== undefined) this.outbox.appendLast(bytes);
        if (kind === "end") return end();
        this.#visit = undefined;
        this.expire(this.#context.handshakeTimeout);
        this.releaseFrom(Hold.Visit);
      },
      refuse: (answer) => {
        this.outbox.appendLast(encodeAnswer(answer, { to: head }));
        end();
      },
      say: (bytes) => this.outbox.appendLast(bytes),
      finish: end,
      destroy: () => this.destroy(),
    };
  }
}
