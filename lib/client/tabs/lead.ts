import { type CallFrames, Conversation } from "../conversation.ts";
import type { Environment } from "../environment.ts";
import type { ConnectOptions } from "../options.ts";
import type { PageHooks } from "../page.ts";
import type { Frame } from "../session.ts";
import { askOf, SharedAsks } from "./shared_asks.ts";
import { outward, type SharedSession } from "./shared_session.ts";
import type { LeadMessage, TabMessage } from "./tab_messages.ts";

/** What the tab that leads works with. */
export interface LeadParts {
  /** This one. */
  readonly tab: string;
  readonly url: URL;
  readonly options: ConnectOptions;
  readonly environment: Environment;
  /** The session so far; others change it as they are told. */
  readonly session: SharedSession;
  /** Tells all tabs, this one first. */
  readonly tell: (message: LeadMessage) => void;
  /** A tab is there; returns what stops the watch over it. */
  readonly watch: (tab: string, onGone: () => void) => () => void;
  readonly onError: (error: unknown) => void;
}

/** The connection of all tabs, in the one that leads. */
export class Lead implements CallFrames {
  readonly #parts: LeadParts;
  readonly #conversation: Conversation;
  readonly #asks = new SharedAsks();
  readonly #watches = new Map<string, () => void>();
  /** Tabs of which a frame was not taken, as there was no room. */
  readonly #stalled = new Set<string>();
  #hooks: PageHooks | undefined;
  #handled = 0;
  #isTold = true;
  #isOver = false;

  /** Goes on with the session, or begins one. */
  constructor(parts: LeadParts) {
    this.#parts = parts;
    const { session, url, options, environment } = parts;
    const kept = session.toSession((number) => this.#onHandled(number));
    const conversation = this.#conversation = new Conversation(url, {
      ...options,
      // Each tab has its own to send again.
      resend: false,
      store: {
        getItem: () => session.token === "" ? null : kept.keep(),
        setItem: () => {},
        removeItem: () => {},
      },
    }, {
      ...environment,
      watchPage: (hooks) => {
        this.#hooks = hooks;
        return () => {};
      },
    });
    // The same, but for who is told that it is handled.
    conversation.session = kept;
    conversation.calls = this;
    const { emitter } = conversation;
    emitter.on(
      "message",
      (data) =>
        this.#onFrame(typeof data === "string" ? `m${data}` : binary(1, data)),
    );
    emitter.on("state", (state) => state === "closed" || this.#tellState());
    emitter.on(
      "back",
      (back) => this.#tell({ kind: "back", back, received: this.#received }),
    );
    emitter.on(
      "gap",
      () => this.#tell({ kind: "gap", received: this.#received }),
    );
    emitter.on("fresh", ({ reason }) => this.#tell({ kind: "fresh", reason }));
    emitter.on("error", (error) => this.#isOver || parts.onError(error));
    emitter.on(
      "closed",
      ({ code, reason, data }) =>
        this.#tell({ kind: "closed", closed: { code, reason, data } }),
    );
  }

  /** Whether this tab is the only one. */
  get isAlone(): boolean {
    return this.#parts.session.taken.size <= 1;
  }

  /** Tells all how things are, and asks who is there. */
  begin(): void {
    for (const tab of this.#parts.session.taken.keys()) this.#watch(tab);
    this.#announce();
  }

  /** A tab says something. */
  take(message: TabMessage): void {
    if (this.#isOver) return;
    const { session } = this.#parts;
    switch (message.kind) {
      case "join":
        this.#meet(message.tab, 0);
        return this.#announce(message.tab);
      case "hello":
        return this.#meet(message.tab, message.next - 1);
      case "post":
        if (message.epoch === session.epoch) this.#take(message);
        return;
      case "wake":
        return this.#hooks?.wake();
      case "bye":
        return this.#onGone(message.tab);
    }
  }

  /** Notices when a tab is gone, whatever it says. */
  #watch(tab: string): void {
    if (this.#watches.has(tab) || tab === this.#parts.tab) return;
    const stop = this.#parts.watch(tab, () => this.#onGone(tab));
    this.#watches.set(tab, stop);
  }

  /** Tells how things are: one tab, or all. */
  #announce(to?: string): void {
    const { epoch, token, id, received, sent, frames, taken } =
      this.#parts.session;
    const isKnown = token !== "";
    const { state: its } = this.#conversation;
    const state = isKnown && its === "connecting" ? "away" : its;
    const now = { epoch, token, id, state, received, sent, frames, taken };
    this.#tell({ kind: "lead", now, ...to === undefined ? {} : { to } });
  }

  /** Lets go of the socket, so that another tab, or this one later, goes on. */
  leave(): void {
    if (this.#isOver) return;
    this.#tellHandled();
    this.#hooks?.sleep();
    this.#end();
    this.#parts.tell({ kind: "leave" });
  }

  /** Ends the session. */
  finish(): void {
    this.#conversation.finish(1000, "");
    this.#end();
  }

  /** A frame of the letters `q r e s k` came. */
  onFrame(letter: string, rest: string): void {
    const frame = letter + rest;
    this.#asks.onAsked(frame);
    this.#onFrame(frame);
  }

  /** A binary answer came. */
  onBinary(rest: Uint8Array<ArrayBuffer>): void {
    this.#onFrame(binary(2, rest));
  }

  /** Requests may not be answered. */
  fail(_code: string, upTo = Infinity): void {
    this.#tell({ kind: "fail", upTo });
  }

  /** The session has ended, before anything is said in the next. */
  end(code: string): void {
    this.#asks.clear();
    if (code === "closed") return;
    this.#handled = 0;
    this.#tell({ kind: "ended", epoch: crypto.randomUUID() });
  }

  get #received(): number {
    return this.#conversation.session.received;
  }

  #tell(message: LeadMessage): void {
    if (!this.#isOver) this.#parts.tell(message);
  }

  #tellState(): void {
    const { state, id, session: { token, received } } = this.#conversation;
    this.#tell({ kind: "state", state, token, id, received });
  }

  #onFrame(frame: Frame): void {
    this.#tell({ kind: "in", number: this.#received, frame });
  }

  #meet(tab: string, taken: number): void {
    const { session } = this.#parts;
    const known = session.taken.get(tab);
    if (known === undefined || known < taken) {
      this.#tell({ kind: "met", tab, taken });
    }
    this.#watch(tab);
  }

  #onGone(tab: string): void {
    if (this.#isOver) return;
    this.#watches.get(tab)?.();
    this.#watches.delete(tab);
    this.#tell({ kind: "gone", tab });
  }

  #take({ tab, seq, frame }: TabMessage & { kind: "post" }): void {
    const { taken } = this.#parts.session;
    if (seq !== (taken.get(tab) ?? 0) + 1) return;
    const ask = askOf(frame, "res");
    if (ask !== undefined) {
      const others = taken.keys();
      const verdict = this.#asks.onAnswer(ask, tab, frame as string, others);
      if (verdict === "drop") {
        return this.#tell({ kind: "needless", tab, seq });
      }
      if (verdict === "first") this.#tell({ kind: "answered", ask, tab });
    }
    this.#send(tab, seq, outward(tab, frame));
  }

  #send(tab: string, seq: number, frame: Frame): void {
    let number = 0;
    try {
      number = this.#conversation.post(
        () => frame,
        (error) => error ?? this.#onHandled(number),
      );
    } catch {
      // There is no room, or it is over, which all are told.
      this.#stalled.add(tab);
      return;
    }
    this.#tell({ kind: "out", number, tab, seq, frame });
  }

  /** Many are handled at once, and told as one. */
  #onHandled(number: number): void {
    this.#handled = number;
    if (!this.#isTold) return;
    this.#isTold = false;
    queueMicrotask(() => this.#tellHandled());
  }

  #tellHandled(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    // That of a session before means nothing any more.
    if (this.#handled === 0) return;
    this.#tell({ kind: "handled", count: this.#handled });
    if (this.#stalled.size === 0) return;
    this.#stalled.clear();
    this.#tell({ kind: "pull" });
  }

  #end(): void {
    this.#isOver = true;
    // It has no socket by now, and says nothing.
    this.#conversation.finish(1000, "");
    for (const stop of this.#watches.values()) stop();
    this.#watches.clear();
  }
}

function binary(
  kind: number,
  rest: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(rest.length + 1);
  frame[0] = kind;
  frame.set(rest, 1);
  return frame;
}
