import { Pace } from "../../base/pace.ts";
import type { HeaderList, HttpAnswer } from "../http/http_answer.ts";
import type { RequestHead } from "../http/http_head.ts";
import type { Visit, VisitHost } from "../http/visit.ts";
import { hashOf, TokenMint, type TokenMintOptions } from "../lasting/token.ts";
import { UNKNOWN } from "./event_answers.ts";
import type { EventPort } from "./event_port.ts";
import { EventStream, type Life } from "./event_stream.ts";
import { HeldPosts } from "./post_box.ts";

/** How often it is looked what is due, in milliseconds. */
const TICK = 1_000;

/**
 * Most streams that wait to be asked for their next answer: of more, the oldest ends. No
 * connection stands for them meanwhile, that would be counted.
 */
const MAX_WAITING = 4_096;

/** Something that was posted to a stream of another gateway. */
export interface StrayPost {
  /** The stream's token, as it was shown. */
  readonly token: string;
  /** What the client posted before. */
  readonly number: number;
  /** Its body; valid during the call only. */
  readonly body: Uint8Array;
}

/** Takes posts to where their streams are. */
export interface PostForwarder {
  /**
   * Takes one.
   *
   * @returns Becomes what it is answered; nothing if no gateway is known that may have
   *   the stream.
   */
  forward(post: StrayPost): Promise<HttpAnswer> | undefined;
}

/** The clients of a gateway that have no WebSocket. */
export class EventStreams implements Disposable {
  readonly #mint: TokenMint;
  readonly #maxWaiting: number;
  readonly #pace = new Pace(TICK);
  readonly #held = new HeldPosts();
  readonly #streams = new Map<string, EventStream>();
  /** Those that wait to be asked for their next answer, the oldest first. */
  readonly #waiting = new Set<EventStream>();
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Takes posts to other gateways, where there may be any. */
  forwarder: PostForwarder | undefined;

  /**
   * @param tokens Whose streams these are.
   * @param maxWaiting Most that wait to be asked for their next answer.
   */
  constructor(tokens: TokenMintOptions, maxWaiting: number = MAX_WAITING) {
    this.#mint = new TokenMint(tokens);
    this.#maxWaiting = maxWaiting;
  }

  /** How many there are. */
  get size(): number {
    return this.#streams.size;
  }

  /** Begins a stream by the request that asks for it. */
  begin(
    port: EventPort,
    { head, host, cors, life }: {
      readonly head: RequestHead;
      readonly host: VisitHost;
      readonly cors: HeaderList;
      readonly life: Life;
    },
  ): Visit {
    const token = this.#mint.make();
    const hash = hashOf(token);
    const stream: EventStream = new EventStream({
      head,
      host,
      cors,
      token,
      clock: () => this.#pace.time,
      held: this.#held,
      onWaiting: (isWaiting) => this.#wait(stream, isWaiting),
      onEnd: () => this.#forget(hash),
    });
    this.#streams.set(hash, stream);
    this.#timer ??= setInterval(() => this.#pace.tick() && this.#look(), TICK);
    const visit = stream.carryBy(host, life);
    stream.connection = port.open(stream, host.guest);
    return visit;
  }

  /** The stream of a token. */
  find(token: string): EventStream | undefined {
    return this.#streams.get(hashOf(token));
  }

  /** Takes what was posted to a stream, wherever that is; becomes what it is answered. */
  post(post: StrayPost): Promise<HttpAnswer> {
    return this.postHere(post) ?? this.forwarder?.forward(post) ??
      Promise.resolve(UNKNOWN);
  }

  /** The same for streams of this gateway; nothing if there is no such one. */
  postHere(
    { token, number, body }: StrayPost,
  ): Promise<HttpAnswer> | undefined {
    return this.find(token)?.post(number, body);
  }

  /** Looks what is due no more. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #wait(stream: EventStream, isWaiting: boolean): void {
    this.#waiting.delete(stream);
    if (!isWaiting) return;
    this.#waiting.add(stream);
    const [oldest] = this.#waiting;
    if (this.#waiting.size > this.#maxWaiting) oldest?.lose();
  }

  #forget(hash: string): void {
    this.#streams.delete(hash);
    if (this.#streams.size === 0) this[Symbol.dispose]();
  }

  #look(): void {
    for (const stream of this.#streams.values()) stream.look();
  }
}
