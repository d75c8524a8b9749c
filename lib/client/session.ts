import type { CallError } from "./call_error.ts";

/** What is written to a socket: text, or binary. */
export type Frame = string | Uint8Array<ArrayBuffer>;

/** Something that a session ended without, and what it was sent as. */
export interface Returned {
  /** The message; for a typed event, its data. */
  readonly data: unknown;
  /** The name, if it was a typed event. */
  readonly name?: string;
}

/** A counted frame that is not yet handled, and who waits for it. */
export interface Entry {
  readonly frame: Frame;
  /** Called once it is handled, or with an error when it never will be known to. */
  readonly settle?: ((error?: CallError) => void) | undefined;
}

/** A session as it is kept while no page has it. */
interface KeptSession {
  readonly t: string;
  readonly r: number;
  readonly s: number;
  readonly f: readonly (string | number[])[];
}

/**
 * What the two ends agree on, and outlives sockets: a token, a count of frames for
 * each direction, and the frames of ours that may have to be sent again. The three
 * belong together, and are replaced together. Pure: no socket, no clock.
 */
export class Session {
  /** Shows that the session is ours; empty before the first welcome. */
  token = "";
  /** Counted frames that we have of the gateway. */
  received = 0;
  /** Counted frames of ours, whether written or not. */
  sent = 0;
  /** How much the frames that are not yet handled come to, in characters and bytes. */
  size = 0;
  /** The last of them is number `sent`. */
  #waiting: Entry[] = [];

  /** Takes a session up that {@linkcode Session.keep} wrote. */
  static from(kept: string): Session {
    const { t, r, s, f } = JSON.parse(kept) as KeptSession;
    const session = new Session();
    session.token = t;
    session.received = r;
    session.sent = s - f.length;
    for (const frame of f) {
      session.add({
        frame: typeof frame === "string" ? frame : Uint8Array.from(frame),
      });
    }
    return session;
  }

  /** Writes all of it as text. */
  keep(): string {
    const frames = this.#waiting.map(({ frame }) =>
      typeof frame === "string" ? frame : [...frame]
    );
    const { token, received, sent } = this;
    return JSON.stringify(
      { t: token, r: received, s: sent, f: frames } satisfies KeptSession,
    );
  }

  /** Counts a frame of ours; returns its number. */
  add(entry: Entry): number {
    this.#waiting.push(entry);
    this.size += entry.frame.length;
    return ++this.sent;
  }

  /**
   * Frames up to this number are handled.
   *
   * @throws {RangeError} If there is no such frame of ours.
   */
  handled(count: number): void {
    if (!this.knows(count)) {
      throw new RangeError(
        `Cannot have ${count} frames handled as ${this.sent} were sent`,
      );
    }
    const done = this.#waiting.splice(0, count - this.#first);
    for (const { frame, settle } of done) {
      this.size -= frame.length;
      settle?.();
    }
  }

  /** Whether a gateway that has so many frames of ours can be at this session. */
  knows(count: number): boolean {
    return count >= this.#first && count <= this.sent;
  }

  /** The frames that a gateway lacks which has so many. */
  after(count: number): Entry[] {
    return this.#waiting.slice(count - this.#first);
  }

  /**
   * Ends it: the messages and typed events that are not known to be handled. The rest
   * was part of requests and answers, which mean nothing in another session.
   */
  end(): Entry[] {
    this.size = 0;
    return this.#waiting.splice(0)
      .filter(({ frame }) =>
        typeof frame !== "string" || /^(m|q0 )/.test(frame)
      );
  }

  /** Frames that are known to be handled. */
  get #first(): number {
    return this.sent - this.#waiting.length;
  }
}

/** What the application once sent as this frame. */
export function returnedOf(frame: Frame): Returned {
  if (typeof frame !== "string") return { data: frame.subarray(1) };
  if (frame[0] === "m") return { data: frame.slice(1) };
  const end = frame.indexOf("\n");
  return { data: JSON.parse(frame.slice(end + 1)), name: frame.slice(3, end) };
}
