import {
  applyChange,
  decodeSession,
  diffSessions,
  encodeSession,
  sameBytes,
  type Session,
  type SessionChange,
} from "../link/session.ts";

/**
 * The session of one client as its worker sees it: what the gateway last told, and
 * over it the changes that the gateway has not confirmed yet. Decoded only when the
 * handler looks at it.
 */
export class LaneSession {
  /** What the gateway has, as far as it said so. */
  #stored: Uint8Array<ArrayBuffer> | undefined;
  /** Changes on their way to the gateway, oldest first. */
  readonly #unconfirmed: SessionChange[] = [];
  /** What the handler began with: stored and unconfirmed together. */
  #before: Uint8Array<ArrayBuffer> | undefined;
  /** What the handler has in hand; `undefined` until it looks. */
  #value: Session | undefined;

  /** The session as a plain object. */
  get value(): Session {
    if (this.#value === undefined) {
      this.#before = this.#unconfirmed.reduce(applyChange, this.#stored);
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
  }

  /** The gateway confirmed, or refused, the oldest change on its way. */
  confirm(outcome: "stored" | "refused"): void {
    const change = this.#unconfirmed.shift();
    if (change === undefined || outcome === "refused") return;
    this.#stored = applyChange(this.#stored, change);
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
  takeChange(): SessionChange | undefined {
    const value = this.#value;
    if (value === undefined) return undefined;
    this.#value = undefined;
    const after = encodeSession(value);
    const before = this.#before;
    if (before === after) return undefined;
    if (before && after && sameBytes(before, after)) return undefined;
    const change = diffSessions(before, value);
    if (change !== undefined) this.#unconfirmed.push(change);
    return change;
  }
}
