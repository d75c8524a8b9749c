/**
 * The smallest client: messages, states, and coming back, without requests, answers
 * and streams. What it exports is named and works as in `@gatewayworker/core/client`.
 *
 * @module
 */
import { CoreClient } from "./core_client.ts";
import type { ConnectOptions } from "./options.ts";
import { addressOf, environmentOf } from "./surroundings.ts";

/**
 * Connects to a gateway that runs with `--resume`, and stays connected.
 *
 * @param url Where the gateway listens: `ws:` or `wss:`.
 * @param options What to say of oneself, and how much may wait.
 * @returns The client.
 * @throws {TypeError} If the address is none, or there is no `WebSocket` here.
 */
export function connect(
  url: string | URL,
  options: ConnectOptions = {},
): CoreClient {
  return new CoreClient(addressOf(url), options, environmentOf(options));
}

export { CallError } from "./call_error.ts";
export type { CoreClient };
export type * from "./events.ts";
export type { SocketConstructor, SocketLike } from "./line.ts";
export type { ConnectOptions, SessionStore } from "./options.ts";
export type { Returned } from "./session.ts";
