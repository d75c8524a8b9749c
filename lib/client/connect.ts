import { Client } from "./client.ts";
import { fallingBack } from "./fallback.ts";
import { addressOf } from "./surroundings.ts";
import type { ConnectOptions } from "./options.ts";

/**
 * Connects to a gateway that runs with `--resume`, and stays connected: the session
 * outlives sockets, sleep, reloads of the page, and messages of either side come once
 * and in order, or it is told how many did not.
 *
 * @param url Where the gateway listens: `ws:` or `wss:`.
 * @param options What to say of oneself, and how much may wait.
 * @returns The client, which connects by itself, and goes on until `close()` or until
 * the gateway wants it no more.
 * @throws {TypeError} If the address is none.
 *
 * @example
 * ```ts ignore
 * import { connect } from "@gatewayworker/core/client";
 *
 * const socket = connect("wss://example.com/", { token: () => fetchToken() });
 * socket.on("message", (text) => show(text));
 * socket.on("back", ({ missed }) => missed > 0 && reload());
 * socket.on("fresh", ({ returned }) => reload(returned));
 * socket.send("hello");
 * const { id } = await socket.request("say", { text: "hi" }) as { id: string };
 * ```
 */
export function connect(
  url: string | URL,
  options: ConnectOptions = {},
): Client {
  return new Client(addressOf(url), options, fallingBack(options));
}
