/**
 * Who is here: the members of a group, or the tabs of a uid, as a list and its changes.
 * It works with a client of `@gatewayworker/core/client`, and with one of `/tabs`.
 *
 * @module
 */
import { Presence, type PresenceOptions } from "./presence.ts";
import type { PresenceOf, PresenceSocket } from "./presence_hub.ts";

/**
 * Looks who is here, now and from now on. The gateway tells a client of groups that it
 * is in, and of its own uid, if a worker watches them for clients (`--presence` and
 * `--presence-clients`).
 *
 * @param socket A connection of the library.
 * @param of The name of a group, or `{ group }`, or `{ uid }`.
 * @param options What to call.
 * @returns Who is here; `close()` looks no more.
 *
 * @example
 * ```ts ignore
 * import { connect } from "@gatewayworker/core/client";
 * import { watchPresence } from "@gatewayworker/core/client/presence";
 *
 * const socket = connect("wss://example.com/", { token: () => fetchToken() });
 * const room = watchPresence(socket, "room", {
 *   onJoin: ({ uid }) => say(`${uid} came`),
 *   onLeave: ({ uid }) => say(`${uid} left`),
 *   onUpdate: ({ members, counts }) => show([...members.keys()], counts.users),
 * });
 * ```
 */
export function watchPresence(
  socket: PresenceSocket,
  of: string | PresenceOf,
  options: PresenceOptions = {},
): Presence {
  return new Presence(
    socket,
    typeof of === "string" ? { group: of } : of,
    options,
    {
      setTimeout: (call, ms) => setTimeout(call, ms),
      clearTimeout: (timer) => clearTimeout(timer as number),
    },
  );
}

export type { Presence, PresenceOf, PresenceOptions, PresenceSocket };
export type { Counts, Member } from "./member_list.ts";
