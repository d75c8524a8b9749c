/**
 * One connection for all tabs of a page: one of them has it, the others use it, and
 * when that one is closed or frozen another goes on with the session.
 *
 * @module
 */
import { Client } from "../client.ts";
import { fallingBack } from "../fallback.ts";
import { addressOf } from "../surroundings.ts";
import {
  SharedClient,
  type SharedFace,
  type SharedOptions,
} from "./shared_client.ts";
import { tabWorld } from "./tab_world.ts";

/**
 * Connects as `connect` does, together with all tabs of this origin that ask for the
 * same address and name: they are one client to the gateway, with one session. Each tab
 * hears every message and typed event, and the answers to its own requests. What the
 * gateway asks, all tabs with an answerer of that name are asked, and the first that
 * says something answers.
 *
 * @param url Where the gateway listens: `ws:` or `wss:`.
 * @param options As for `connect`; the same in each tab.
 * @returns What `connect` returns; where there are no Web Locks or no BroadcastChannel
 * (old browsers, pages without TLS), a connection of this tab's own. `close()` leaves the
 * others connected, and ends the session in the last tab.
 * @throws {TypeError} If the address is none.
 *
 * @example
 * ```ts ignore
 * import { connectShared } from "@gatewayworker/core/client/tabs";
 *
 * const socket = connectShared("wss://example.com/", { token: () => fetchToken() });
 * socket.on("message", (text) => show(text));
 * ```
 */
export function connectShared(
  url: string | URL,
  options: SharedOptions = {},
): SharedFace {
  const [address, environment] = [addressOf(url), fallingBack(options)];
  const world = tabWorld();
  return world
    ? new SharedClient(address, options, environment, world)
    : new Client(address, options, environment);
}

export { CallError } from "../call_error.ts";
export type { SharedFace, SharedOptions };
export type { Client } from "../client.ts";
export type { Answerer, Ask, RequestOptions } from "../calls.ts";
export type * from "../events.ts";
export type { SocketConstructor, SocketLike } from "../line.ts";
export type { ConnectOptions } from "../options.ts";
export type { Returned } from "../session.ts";
