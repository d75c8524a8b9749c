import type { SocketConstructor } from "./line.ts";
import type { PageHooks } from "./page.ts";
import type { TimerFunctions } from "./timers.ts";

/** What a client has around it; tests give it another world. */
export interface Environment extends TimerFunctions {
  /** Makes sockets. */
  readonly WebSocket: SocketConstructor;
  /** From 0 to below 1. */
  random(): number;
  /** Tells of the page; returns what stops it. */
  watchPage(hooks: PageHooks): () => void;
}
