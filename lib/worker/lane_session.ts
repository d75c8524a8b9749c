import { Deque } from "../base/deque.ts";
import { encodeBody } from "../wire/body.ts";
import {
  applyChanges,
  decodeSession,
  diffSessions,
  encodeSession,
  isUnreadable,
  sameBytes,
  type Session,
} from "../wire/bodies/session.ts";

/** Most changes of one client on their way; then its next event waits. */
const MAX_CHANGES = 64;

/** Bytes of new values from which on no more changes of one client are on their way. */
const MAX_BYTES = 262_144;

/** A change as it travels. */
export interface SentChange {
  /** New values by key, as CBOR. */
  readonly set: Uint8Array<ArrayBuffer>;
  /** Keys that are gone. */
  readonly remove: readonly string[];
}

/**
 * The session of one client as its worker sees it: what the gateway last told, and
 * over it the changes that the gateway has not confirmed yet. Decoded only when the
 * handler looks at it.
 */
export class LaneSession {
  /** What the gateway has, as far as it said so. */
  #stored: Uint8Array<ArrayBuffer> | undefined;
  /** Changes on their way to the gateway, oldest first. */
  readonly #unconfirmed = new Deque<SentChange>();
  #unconfirmedBytes = 0;
  /** Stored and unconfirmed together, if that is known. */
  #both: Uint8Array<ArrayBuffer> | undefined;
  #isKnown = true;
  /** What the handler began with. */
  #before: Uint8Array<ArrayBuffer> | undefined;
  /** What the handler has in hand; `undefined` until it looks. */
  #value: Session | undefined;

  /** Whether so much is on its way that no further handler should begin. */
  get isFull(): boolean {
    return this.#unconfirmed.length >= MAX_CHANGES ||
      this.#unconfirmedBytes >= MAX_BYTES;
  }

  /** The session as a plain object. */
  get value(): Session {
    if (this.#value === undefined) {
      this.#before = this.#know();
      this.#value = decodeSession(this.#before);
    }
    return this.#value;
  }

  set value(value: Session) {
    if (typeof value !== "object" || value === null) {
      throw new TypeError(
        `Cannot store session as it must be a plain object: found ${
          value === null ? "null" : typeof value
        }`,
      );
    }
    void this.value;
    this.#value = value;
  }

  /** The gateway told the session, in order with what it confirmed. */
  adopt(stored: Uint8Array<ArrayBuffer> | undefined): void {
    this.#stored = stored;
    this.#isKnown = false;
  }

  /** The gateway confirmed, or refused, the oldest change on its way. */
  confirm(outcome: "stored" | "refused"): void {
    const change = this.#unconfirmed.shift();
    if (change === undefined) return;
    this.#unconfirmedBytes -= change.set.length;
    if (outcome === "refused") this.#isKnown = false;
    else if (this.#isKnown && this.#unconfirmed.length === 0) {
      this.#stored = this.#both;
    } else this.#stored = apply(this.#stored, [change]);
  }

  /** Nobody will confirm any more: what the worker has is the last that is known. */
  settle(): void {
    this.#stored = this.#know();
    this.#unconfirmed.clear();
    this.#unconfirmedBytes = 0;
  }

  /** The handler was given up: what it left is forgotten. */
  discard(): void {
    this.#value = undefined;
  }

  /**
   * The handler is done: returns what it changed, if anything, and counts that as on
   * its way. The next handler gets a fresh object.
   *
   * @throws {TypeError} If a value is nothing that CBOR carries; names the key.
   */
  takeChange(): SentChange | undefined {
    const value = this.#value;
    if (value === undefined) return undefined;
    this.#value = undefined;
    const after = encodeSession(value);
    const before = this.#before;
    if (before === after) return undefined;
    if (before && after && sameBytes(before, after)) return undefined;
    const change = diffSessions(before, value);
    if (change === undefined) return undefined;
    const sent = { set: encodeBody(change.set), remove: change.remove };
    this.#unconfirmed.push(sent);
    this.#unconfirmedBytes += sent.set.length;
    // Only if nothing came in between is it all that is known.
    this.#isKnown &&= this.#both === before;
    this.#both = after;
    return sent;
  }

  #know(): Uint8Array<ArrayBuffer> | undefined {
    if (!this.#isKnown) this.#both = apply(this.#stored, this.#unconfirmed);
    this.#isKnown = true;
    return this.#both;
  }
}

function apply(
  session: Uint8Array<ArrayBuffer> | undefined,
  changes: Iterable<SentChange>,
): Uint8Array<ArrayBuffer> | undefined {
  // Its gateway refuses changes of it.
  if (session !== undefined && isUnreadable(session)) return session;
  return applyChanges(
    session,
    Array.from(
      changes,
      ({ set, remove }) => ({ set: decodeSession(set), remove }),
    ),
  );
}
