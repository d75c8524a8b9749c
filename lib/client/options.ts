import type { SocketConstructor } from "./line.ts";

/** Where a page keeps its session from one load to the next: `sessionStorage`. */
export interface SessionStore {
  /** What is kept by this name; `null` if nothing is. */
  getItem(key: string): string | null;
  /** Keeps a text; may throw if it is too long. */
  setItem(key: string, value: string): void;
  /** Forgets it. */
  removeItem(key: string): void;
}

/** Options for {@linkcode connect}. */
export interface ConnectOptions {
  /**
   * What `authorize` of the gateway gets as `request.credential`: anything that can be
   * written as JSON, or a function that gives it, or a promise of it. A function is
   * called at every connect, and whenever the gateway says that a credential ends, so
   * that none is stale. Without a function, a credential that ended (4011) is final.
   */
  readonly token?: unknown;
  /**
   * What becomes of messages and typed events that may not have been handled when a
   * session ends: `false` hands them back with the `fresh` event, `true` sends them
   * again in the new session, so that some may be handled twice.
   *
   * @default {false}
   */
  readonly resend?: boolean;
  /**
   * How much may wait to be handled, in characters of text and bytes of binary frames:
   * beyond it `send`, `notify`, `request` and parts of answers throw.
   *
   * @default {1_048_576}
   */
  readonly maxBuffer?: number;
  /**
   * Most milliseconds from a connect to the gateway's welcome, the token function
   * included. Less than 10 s makes things worse: a browser itself holds sockets back
   * after many failures.
   *
   * @default {15_000}
   */
  readonly connectTimeout?: number;
  /**
   * Keeps the session over a reload of the page: `sessionStorage`. It is written when
   * the page is left, and removed when it is read, so that a duplicated tab gets a
   * session of its own. Left out, a page that is left says so to the gateway.
   */
  readonly store?: SessionStore;
  /**
   * Origins other than that of the address to which the gateway may send this client,
   * such as `wss://two.example.com`. Never from `wss:` to `ws:`.
   *
   * @default {[]}
   */
  readonly origins?: readonly string[];
  /**
   * Makes sockets: the global `WebSocket` and nothing else, that of the package `ws`, or
   * `EventSocket` of `@gatewayworker/core/client/sse`, which needs none. By default the
   * global one, and where that fails twice before it was ever open, server-sent events;
   * with the core alone the global one.
   */
  readonly WebSocket?: SocketConstructor;
}
