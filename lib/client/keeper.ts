import type { SessionStore } from "./options.ts";
import { Session } from "./session.ts";

/**
 * Keeps a session from one load of a page to the next: written when the page is left,
 * and removed when it is read, so that two pages never have the same one.
 */
export class Keeper {
  readonly #store: SessionStore | undefined;
  readonly #key: string;
  #kept = "";

  constructor(store: SessionStore | undefined, url: URL) {
    this.#store = store;
    this.#key = `gatewayworker ${url.href}`;
  }

  /** The session of the page before; `undefined` if there is none. */
  take(): Session | undefined {
    const kept = this.#store?.getItem(this.#key);
    this.#store?.removeItem(this.#key);
    try {
      return kept ? Session.from(kept) : undefined;
    } catch {
      // Somebody else's text by our name.
      return undefined;
    }
  }

  /** Keeps a session; whether it could. */
  put(session: Session): boolean {
    this.#kept = "";
    if (!this.#store || session.token === "") return false;
    try {
      const kept = session.keep();
      this.#store.setItem(this.#key, kept);
      this.#kept = kept;
      return true;
    } catch {
      // There is no room for so much.
      return false;
    }
  }

  /** The page is back after all: whether nobody took the session meanwhile. */
  takeBack(): boolean {
    if (this.#kept === "") return true;
    if (this.#store?.getItem(this.#key) !== this.#kept) return false;
    this.#store.removeItem(this.#key);
    return true;
  }
}
