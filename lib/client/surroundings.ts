import type { Environment } from "./environment.ts";
import type { SocketConstructor } from "./line.ts";
import type { ConnectOptions } from "./options.ts";
import { watchPage } from "./page.ts";

/**
 * Reads an address.
 *
 * @throws {TypeError} If it is none, or not one of WebSocket.
 */
export function addressOf(url: string | URL): URL {
  const address = new URL(url);
  if (/^wss?:$/.test(address.protocol)) return address;
  throw new TypeError(
    `Cannot connect as the address must be ws: or wss: current value is "${url}"`,
  );
}

/**
 * What there is around a client here.
 *
 * @throws {TypeError} If there is no `WebSocket`.
 */
export function environmentOf(options: ConnectOptions): Environment {
  const { WebSocket = globalThis.WebSocket as unknown as SocketConstructor } =
    options;
  if (!WebSocket) {
    throw new TypeError(
      "Cannot connect as there is no WebSocket here: use Node 22, or give { WebSocket } of ws",
    );
  }
  return {
    WebSocket,
    random: Math.random,
    setTimeout: (call, ms) => setTimeout(call, ms),
    clearTimeout: (timer) => clearTimeout(timer as number),
    watchPage,
  };
}
