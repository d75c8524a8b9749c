import type { Message } from "../cluster/call_options.ts";
import type { Client } from "../gateway/clients/client.ts";
import type { CloseReason } from "../transport/connection.ts";
import { decodeSession, type Session } from "../wire/bodies/session.ts";
import { NO_ANSWER_ID } from "../wire/bodies/typed_frame.ts";
import { requestText } from "../wire/bodies/typed_text.ts";
import { Conversation } from "./conversation.ts";
import { MemoryConnection } from "./memory_connection.ts";
import type {
  TestAnswer,
  TestClient,
  TestClose,
  TestNotice,
  TestRequestOptions,
} from "./test_client.ts";

/** Milliseconds that handlers are told a client has to come back; it has as long as it likes. */
const AWAY_WINDOW = 60_000;

/** What a client needs of its cluster. */
export interface ClientHome {
  /** The client does something that its handler is told of; see `HandlerWatch.expect`. */
  expect(clientId: string, heard: "heard" | "unheard"): Promise<void>;
  /** Waits until an event was handled, and what that sent has come. */
  handled(what: string, handled: Promise<void>): Promise<void>;
  /** Waits for something, but not for ever. */
  inTime(promise: Promise<void>, what: string): Promise<void>;
  /** The client has gone. */
  onGone(client: TestClient): void;
}

/** Who a client is, and where it comes from. */
export interface ClientFacts {
  /** Its id. */
  readonly id: string;
  /** The client as its gateway knows it. */
  readonly client: Client;
  /** Where it comes from, `ip:port`. */
  readonly remoteAddress: string;
  /** Whether it knows typed frames. */
  readonly speaks: "typed" | "messages";
}

/** A {@linkcode TestClient} of a gateway in this process. */
export class MemoryClient implements TestClient {
  readonly #home: ClientHome;
  readonly #client: Client;
  readonly #received: Message[] = [];
  readonly #conversation: Conversation;
  /** How many messages `next` has returned. */
  #taken = 0;
  #news = Promise.withResolvers<void>();
  #closed: TestClose | undefined;
  /** Whoever lets it go, and waits until that was handled. */
  #leaving: PromiseWithResolvers<void> | undefined;
  /** Its id, as handlers see it. */
  readonly id: string;
  /** Its connection, as its gateway sees it. */
  readonly connection: MemoryConnection;

  /** Connected when its gateway is told so. */
  constructor(home: ClientHome, facts: ClientFacts) {
    const { id, client } = facts;
    this.#home = home;
    this.#client = client;
    this.id = id;
    this.connection = new MemoryConnection(client, {
      onMessage: (message) => {
        this.#received.push(message);
        this.#wake();
      },
      onTyped: (frame) => this.#conversation.hear(frame),
      onEnd: (reason) => this.#onEnd(reason),
    }, facts);
    this.#conversation = new Conversation(
      (frame) => this.connection.receiveTyped(frame),
    );
  }

  get told(): readonly TestNotice[] {
    return this.#conversation.told;
  }

  get onAsk(): TestAnswer | undefined {
    return this.#conversation.onAsk;
  }

  set onAsk(answer: TestAnswer | undefined) {
    this.#conversation.onAsk = answer;
  }

  get uid(): string | undefined {
    return this.#client.uid;
  }

  get groups(): readonly string[] {
    return [...this.#client.groups ?? []];
  }

  get session(): Session {
    return decodeSession(this.#client.session);
  }

  get received(): readonly Message[] {
    return this.#received;
  }

  get closed(): TestClose | undefined {
    return this.#closed;
  }

  async send(message: Message): Promise<void> {
    this.#checkOpen("send");
    const handled = this.#home.expect(this.id, "heard");
    this.connection.receive(message);
    await this.#home.handled(`message of client ${this.id}`, handled);
  }

  async next(): Promise<Message> {
    const index = this.#taken++;
    while (this.#received.length <= index) {
      if (this.#closed !== undefined) throw this.#over("Cannot hear more");
      await this.#home.inTime(
        this.#news.promise,
        `no message ${index + 1} came to client ${this.id}`,
      );
    }
    return this.#received[index] as Message;
  }

  request(
    name: string,
    data?: unknown,
    options: TestRequestOptions = {},
  ): Promise<unknown> {
    this.#checkTyped("request");
    return this.#conversation.request(name, data, options);
  }

  async notify(name: string, data?: unknown): Promise<void> {
    this.#checkTyped("notify");
    const handled = this.#home.expect(this.id, "heard");
    this.connection.receiveTyped(requestText(NO_ANSWER_ID, name, data));
    await this.#home.handled(`${name} of client ${this.id}`, handled);
  }

  async away(): Promise<void> {
    this.#checkTyped("be away");
    const handled = this.#home.expect(this.id, "heard");
    this.connection.leaveFor(AWAY_WINDOW);
    await this.#home.handled(`away of client ${this.id}`, handled);
  }

  async back(missed = 0): Promise<void> {
    this.#checkTyped("come back");
    const handled = this.#home.expect(this.id, "heard");
    this.connection.comeBack(missed);
    await this.#home.handled(`back of client ${this.id}`, handled);
  }

  async close(code = 1000, reason = ""): Promise<void> {
    await this.#leave(() => this.connection.leave({ code, reason }));
  }

  async drop(): Promise<void> {
    await this.#leave(() => this.connection.drop());
  }

  async #leave(act: () => void): Promise<void> {
    this.#checkOpen("close");
    const left = this.#leaving = Promise.withResolvers<void>();
    act();
    await this.#home.handled(`close of client ${this.id}`, left.promise);
  }

  /** Its connection is over, and the gateway is about to hear of it. */
  #onEnd(reason: CloseReason): void {
    this.#closed = reason;
    const heard = this.#leaving === undefined ? "unheard" : "heard";
    const handled = this.#home.expect(this.id, heard);
    this.#leaving?.resolve(handled);
    this.#conversation.end();
    this.#wake();
    this.#home.onGone(this);
  }

  /** Something came for whoever waits. */
  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  #checkTyped(act: "request" | "notify" | "be away" | "come back"): void {
    this.#checkOpen(act);
    if (this.connection.codec.encodeTyped !== undefined) return;
    throw new TypeError(
      `Cannot ${act} as client ${this.id} must speak gatewayworker.v1: connect it with that protocol`,
    );
  }

  #checkOpen(act: string): void {
    if (this.#closed !== undefined) throw this.#over(`Cannot ${act}`);
    if (this.#leaving === undefined) return;
    throw new TypeError(`Cannot ${act} as client ${this.id} has said goodbye`);
  }

  #over(what: string): TypeError {
    const { code, reason } = this.#closed ?? {};
    return new TypeError(
      `${what} as client ${this.id} must be connected: it was closed with ${code} "${reason}"`,
    );
  }
}
