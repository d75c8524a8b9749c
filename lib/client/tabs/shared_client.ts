import type { Answerer, RequestOptions } from "../calls.ts";
import { Calls, checkName, json } from "../calls.ts";
import { CallError } from "../call_error.ts";
import type { Client } from "../client.ts";
import { binaryFrame } from "../core_client.ts";
import { Emitter } from "../emitter.ts";
import type { Environment } from "../environment.ts";
import type { ClientEvents, ClientState, ClosedEvent } from "../events.ts";
import type { ConnectOptions } from "../options.ts";
import { type Entry, type Frame, returnedOf } from "../session.ts";
import { Lead } from "./lead.ts";
import { ownId, SharedSession } from "./shared_session.ts";
import { TabCircle } from "./tab_circle.ts";
import type { LeadMessage, Snapshot } from "./tab_messages.ts";
import type { TabWorld } from "./tab_world.ts";

/** What a client of one tab has, and one that is shared, too. */
export type SharedFace = Pick<
  Client,
  | "bufferedAmount"
  | "close"
  | "handle"
  | "id"
  | "notify"
  | "on"
  | "request"
  | "send"
  | "state"
  | "stream"
>;

/** Options for `connectShared`. */
export interface SharedOptions extends Omit<ConnectOptions, "store"> {
  /**
   * Which tabs share a connection: those of one origin that have the same name and
   * address. Tabs of another user need another name.
   *
   * @default {""}
   */
  readonly name?: string;
}

/** A frame of this tab that is not known to be handled. */
interface Waiting extends Entry {
  /** Its number in the session, once it was taken. */
  number?: number;
}

/** A tab: its own requests, listeners and answers, over a connection that all share. */
export class SharedClient implements SharedFace {
  /** Other tabs are the same client to the gateway. */
  readonly isShared = true;
  readonly #tab = crypto.randomUUID().slice(0, 8);
  readonly #options: SharedOptions;
  readonly #emitter: Emitter<ClientEvents> = new Emitter();
  readonly #calls: Calls;
  readonly #circle: TabCircle;
  readonly #unwatch: () => void;
  /** Frames of this tab, by their place among its own. */
  readonly #waiting = new Map<number, Waiting>();
  /** Those of a session that has ended, until all are told why. */
  readonly #aside: Waiting[] = [];
  #seq = 0;
  #size = 0;
  #state: ClientState = "connecting";
  #session: SharedSession | undefined;
  /** Frames of the session that this tab has heard. */
  #heard = 0;

  /** Made by `connectShared`. */
  constructor(
    url: URL,
    options: SharedOptions,
    environment: Environment,
    world: TabWorld,
  ) {
    this.#options = options;
    const tab = this.#tab;
    const circle = this.#circle = new TabCircle({
      name: `gatewayworker ${options.name ?? ""} ${url.href}`,
      tab,
      environment,
      world,
      lead: (ways) => {
        const session = this.#session ??= new SharedSession({
          epoch: crypto.randomUUID(),
        });
        const onError = (error: unknown) => this.#emitter.emit("error", error);
        return new Lead(
          { url, tab, options, environment, session, onError, ...ways },
        );
      },
      onLead: (message) => this.#onLead(message),
    });
    this.#calls = new Calls((make) => this.#post(make), environment);
    this.#unwatch = environment.watchPage({
      wake: () => {
        circle.contend();
        circle.say({ kind: "wake" });
      },
      // One that is frozen would lead, and do nothing.
      sleep: () => circle.stepDown(),
      leave: (mayReturn) => circle.leave(mayReturn),
      restore: () => circle.enter(),
    });
    circle.enter();
  }

  get state(): ClientState {
    return this.#state;
  }

  get id(): string {
    return this.#session?.id ?? "";
  }

  get bufferedAmount(): number {
    return this.#size;
  }

  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (event: ClientEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  send(data: string | Uint8Array | ArrayBuffer): Promise<void> {
    return this.#postWaited(() =>
      typeof data === "string" ? `m${data}` : binaryFrame(data)
    );
  }

  notify(name: string, data?: unknown): Promise<void> {
    return this.#postWaited(() => `q0 ${checkName(name)}\n${json(data)}`);
  }

  request(
    name: string,
    data?: unknown,
    options: RequestOptions = {},
  ): Promise<unknown> {
    return this.#calls.request(name, data, options);
  }

  stream(
    name: string,
    data?: unknown,
    options?: RequestOptions,
  ): AsyncGenerator<unknown, unknown> {
    return this.#calls.stream(name, data, options);
  }

  handle(name: string, answerer: Answerer): () => void {
    return this.#calls.handle(name, answerer);
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#circle.leave(false);
    this.#onClosed({ code: 1000, reason: "", data: null });
  }

  #postWaited(make: () => Frame): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Nobody must wait for it.
    promise.catch(() => {});
    this.#post(make, (error) => error ? reject(error) : resolve());
    return promise;
  }

  /** Has a frame sent, by whoever leads; returns its place among this tab's. */
  #post(make: (seq: number) => Frame, settle?: Entry["settle"]): number {
    if (this.#state === "closed") throw new CallError("closed");
    const { maxBuffer = 1_048_576 } = this.#options;
    const frame = make(this.#seq + 1);
    const isBounded = typeof frame !== "string" || !/^[rek]/.test(frame);
    if (isBounded && this.#size + frame.length > maxBuffer) {
      throw new RangeError(
        `Cannot send as at most ${maxBuffer} may wait: ${this.#size} do`,
      );
    }
    return this.#add({ frame, settle });
  }

  #add(entry: Waiting): number {
    const seq = ++this.#seq;
    this.#waiting.set(seq, entry);
    this.#size += entry.frame.length;
    this.#offer(seq, entry);
    return seq;
  }

  #offer(seq: number, { frame }: Waiting): void {
    const { epoch } = this.#session ?? {};
    if (epoch === undefined) return;
    this.#circle.say({ kind: "post", tab: this.#tab, seq, frame, epoch });
  }

  /** Says where this tab's frames go on, and offers those that nobody took. */
  #offerAll(): void {
    const untaken = [...this.#waiting]
      .filter(([, { number }]) => number === undefined);
    const next = untaken[0]?.[0] ?? this.#seq + 1;
    this.#circle.say({ kind: "hello", tab: this.#tab, next });
    for (const [seq, entry] of untaken) this.#offer(seq, entry);
  }

  #forget(seq: number, error?: CallError): void {
    const entry = this.#waiting.get(seq);
    if (!entry) return;
    this.#waiting.delete(seq);
    this.#size -= entry.frame.length;
    entry.settle?.(error);
  }

  #setState(state: ClientState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#emitter.emit("state", state);
  }

  #onLead(message: LeadMessage): void {
    if (message.kind === "lead") {
      if ((message.to ?? this.#tab) === this.#tab) this.#onNow(message.now);
      return;
    }
    // What comes before this tab knows how things are is part of what it is told then.
    if (!this.#session || this.#state === "closed") return;
    this.#session.apply(message);
    this.#onHappened(message);
  }

  #onHappened(message: LeadMessage): void {
    switch (message.kind) {
      case "out": {
        const entry = message.tab === this.#tab &&
          this.#waiting.get(message.seq);
        if (entry) entry.number = message.number;
        return;
      }
      case "needless":
        return message.tab === this.#tab
          ? this.#forget(message.seq)
          : undefined;
      case "pull":
        return this.#offerAll();
      case "handled":
        return this.#onHandled(message.count);
      case "in":
        return this.#onIn(message.number, message.frame);
      case "answered":
        return message.tab === this.#tab
          ? undefined
          : this.#calls.onFrame("k", message.ask);
      case "fail":
        return this.#onFail(message.upTo);
      case "state":
        return this.#setState(message.state);
      case "back":
      case "gap":
        return this.#onMissed(message);
      case "ended":
        return this.#onEnded();
      case "fresh":
        return this.#onFresh(message.reason);
      case "closed":
        return this.#onClosed(message.closed);
    }
  }

  /** How things are, as whoever leads says. */
  #onNow(now: Snapshot): void {
    const before = this.#session;
    if (!this.#circle.leads) this.#session = new SharedSession(now);
    if (!before) this.#heard = now.received;
    else if (before.epoch !== now.epoch) {
      this.#onEnded();
      this.#onFresh("lost");
      this.#heard = now.received;
    } else if (now.received > this.#heard) {
      this.#onMissed({ kind: "gap", received: now.received });
    }
    const numbers = this.#session?.numbersOf(this.#tab);
    const taken = now.taken.get(this.#tab) ?? 0;
    for (const [seq, entry] of this.#waiting) {
      const number = numbers?.get(seq);
      if (number !== undefined) entry.number = number;
      else if (seq <= taken) this.#forget(seq);
    }
    this.#setState(now.state);
    this.#offerAll();
  }

  #onHandled(count: number): void {
    for (const [seq, { number }] of this.#waiting) {
      if (number !== undefined && number <= count) this.#forget(seq);
    }
  }

  #onIn(number: number, frame: Frame): void {
    // Somebody told it before who leads no more.
    if (number <= this.#heard) return;
    if (number > this.#heard + 1) {
      this.#onMissed({ kind: "gap", received: number - 1 });
    }
    this.#heard = number;
    try {
      if (typeof frame === "string") {
        this.#onText(frame[0] ?? "", frame.slice(1));
      } else this.#onBinary(frame.subarray(1), frame[0]);
    } catch (error) {
      this.#emitter.emit("error", error);
    }
  }

  #onText(letter: string, rest: string): void {
    if (letter === "m") return this.#emitter.emit("message", rest);
    if (/[qk]/.test(letter)) return this.#calls.onFrame(letter, rest);
    const own = ownId(this.#tab);
    if (rest.startsWith(own)) {
      this.#calls.onFrame(letter, rest.slice(own.length));
    }
  }

  #onBinary(rest: Uint8Array<ArrayBuffer>, kind: number | undefined): void {
    if (kind === 1) return this.#emitter.emit("message", rest);
    const own = ownId(this.#tab);
    const id = new TextDecoder().decode(rest.subarray(0, own.length));
    if (id === own) this.#calls.onBinary(rest.subarray(own.length));
  }

  /** Frames are missing: for all tabs, or for this one, which was told less. */
  #onMissed(message: LeadMessage & { kind: "back" | "gap" }): void {
    const missed = Math.max(0, message.received - this.#heard);
    this.#heard = Math.max(this.#heard, message.received);
    if (message.kind === "back") {
      return this.#emitter.emit("back", { ...message.back, missed });
    }
    if (missed === 0) return;
    this.#calls.fail("gap");
    this.#emitter.emit("gap", { missed });
  }

  /** Requests up to a number may not be answered, of those that were taken. */
  #onFail(upTo: number): void {
    let last = Infinity;
    for (const [seq, { number }] of this.#waiting) {
      if (number === undefined || number > upTo) last = Math.min(last, seq - 1);
    }
    this.#calls.fail("gap", last);
  }

  #onEnded(): void {
    this.#aside.push(...this.#waiting.values());
    this.#waiting.clear();
    this.#size = this.#heard = 0;
    this.#calls.end("lost");
  }

  #onFresh(reason: string): void {
    const entries = this.#aside.splice(0).filter(isMessage);
    const isLost = ({ number }: Waiting) => number !== undefined;
    const returned = entries.filter(isLost)
      .map(({ frame }) => returnedOf(frame));
    this.#emitter.emit("fresh", { reason, returned });
    for (const { frame, settle, number } of entries) {
      if (this.#state === "closed") settle?.(new CallError("closed"));
      else if (number === undefined || this.#options.resend) {
        this.#add({ frame, settle });
      } else settle?.(new CallError("lost"));
    }
    this.#offerAll();
  }

  #onClosed(closed: Omit<ClosedEvent, "returned">): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#circle.leave(true);
    this.#unwatch();
    this.#calls.end("closed");
    const entries = [...this.#waiting.values()].filter(isMessage);
    this.#waiting.clear();
    this.#size = 0;
    for (const { settle } of entries) settle?.(new CallError("closed"));
    this.#emitter.emit("state", "closed");
    const returned = entries.map(({ frame }) => returnedOf(frame));
    this.#emitter.emit("closed", { ...closed, returned });
  }
}

/** Whether it is a message or a typed event: the rest means nothing in another session. */
function isMessage({ frame }: Waiting): boolean {
  return typeof frame !== "string" || /^(m|q0 )/.test(frame);
}
