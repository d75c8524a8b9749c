import { type Entry, type Frame, Session } from "../session.ts";
import type { LeadMessage, SharedFrame, Snapshot } from "./tab_messages.ts";

/**
 * A tab's copy of the session: whoever leads has told all that happened to it, so that
 * any tab can go on with it. Pure: no socket, no clock.
 */
export class SharedSession {
  epoch: string;
  token = "";
  id = "";
  received = 0;
  sent = 0;
  /** The last of them is number `sent`. */
  frames: SharedFrame[] = [];
  /** The tabs, and how many frames of each were taken. */
  readonly taken: Map<string, number>;

  /** Begins a session, or takes a copy. */
  constructor(now: Partial<Snapshot> & { readonly epoch: string }) {
    this.epoch = now.epoch;
    this.token = now.token ?? "";
    this.id = now.id ?? "";
    this.received = now.received ?? 0;
    this.sent = now.sent ?? 0;
    this.frames = [...now.frames ?? []];
    this.taken = new Map(now.taken);
  }

  /** Makes of it what happened. */
  apply(message: LeadMessage): void {
    switch (message.kind) {
      case "met":
        return void this.taken.set(message.tab, message.taken);
      case "gone":
        return void this.taken.delete(message.tab);
      case "needless":
        return void this.taken.set(message.tab, message.seq);
      case "out": {
        const { frame, tab, seq, number } = message;
        this.frames.push({ frame, tab, seq });
        this.sent = number;
        return void this.taken.set(tab, seq);
      }
      case "handled":
        return void this.frames.splice(0, message.count - this.#first);
      case "in":
        return void (this.received = message.number);
      case "back":
      case "gap":
        return void (this.received = message.received);
      case "state":
        this.received = message.received;
        this.token = message.token;
        return void (this.id = message.id);
      case "ended":
        this.epoch = message.epoch;
        this.token = "";
        this.received = this.sent = 0;
        this.frames = [];
    }
  }

  /**
   * The session, for whoever goes on with it.
   *
   * @param onHandled Called with the number of each frame that is handled.
   */
  toSession(onHandled: (number: number) => void): Session {
    const session = new Session();
    session.token = this.token;
    session.received = this.received;
    session.sent = this.#first;
    for (const { frame } of this.frames) {
      const number = session.sent + 1;
      const settle: Entry["settle"] = (error) => error ?? onHandled(number);
      session.add({ frame, settle });
    }
    return session;
  }

  /** The numbers of a tab's frames that are not handled, by their place among its own. */
  numbersOf(tab: string): Map<number, number> {
    const numbers = new Map<number, number>();
    for (const [index, { tab: owner, seq }] of this.frames.entries()) {
      if (owner === tab) numbers.set(seq, this.#first + index + 1);
    }
    return numbers;
  }

  /** Frames that are known to be handled. */
  get #first(): number {
    return this.sent - this.frames.length;
  }
}

/** What tells requests of one tab from those of others. */
export function ownId(tab: string): string {
  return `${tab}-`;
}

/** Gives a frame of a tab's own requests an id that no other tab has. */
export function outward(tab: string, frame: Frame): Frame {
  if (typeof frame !== "string" || !/^(q[1-9]|k)/.test(frame)) return frame;
  return `${frame[0]}${ownId(tab)}${frame.slice(1)}`;
}
