/**
 * Sockets for networks that let no WebSocket through: server-sent events down, POST up.
 * `connect` of `@gatewayworker/core/client` and `/tabs` comes to them by itself; with
 * that of `/core`, or to have no WebSocket at all, they are passed in.
 *
 * @module
 *
 * @example
 * ```ts ignore
 * import { connect } from "@gatewayworker/core/client/core";
 * import { FallbackSocket } from "@gatewayworker/core/client/sse";
 *
 * const socket = connect("wss://example.com/", { WebSocket: FallbackSocket });
 * ```
 */
export { EventSocket, type SocketFace } from "./event_socket.ts";
export {
  type FallbackConstructor,
  type FallbackLike,
  FallbackSocket,
} from "./fallback_socket.ts";
